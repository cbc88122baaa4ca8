"""How we set JAX up, once, at the first import of a room that computes.

Double precision is switched on for the whole process: conserved quantities and exact restarts need it.
Arrays of ours carry their precision explicitly, so `precision="float32"` stays float32; other code in the
notebook sees the change only where it relies on JAX's default of 32 bits. Compiled programs are kept in
the user's cache folder, so that a second kernel starts fast.
"""

import os
import warnings
from pathlib import Path

import jax


def set_up() -> None:
    """Double precision and the persistent compilation cache; a cache folder the user chose is kept."""
    jax.config.update("jax_enable_x64", True)
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "jax"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
        # JAX does not write an entry at once. Another process may read half of it, or find what a killed one left; it
        # compiles that program itself, and nobody need be told.
        warnings.filterwarnings("ignore", "Error reading persistent compilation cache entry", UserWarning)


def cache_folder() -> Path:
    """Where compiled programs are kept: `$MLIP_NB_CACHE`, else `mlip_nb` in the user's cache folder."""
    if chosen := os.environ.get("MLIP_NB_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mlip_nb"


set_up()
