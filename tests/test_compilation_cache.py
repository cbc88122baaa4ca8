"""Compiled programs are kept from one process to the next."""

import os
import subprocess
import sys

PROGRAM = """
import jax, jax.numpy as jnp, mlip_nb.system
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
print(jax.jit(lambda x: jnp.sin(x) @ x)(jnp.arange(3.0)))
"""


def test_a_damaged_entry_is_compiled_anew_in_silence(tmp_path):
    """As one that another process is just writing, or was killed in the middle of."""
    environment = os.environ | {"MLIP_NB_CACHE": str(tmp_path)}
    told = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
        assert "compilation cache" not in done.stderr
        assert done.returncode == 0
        told.append(done.stdout)
        entries = [path for path in (tmp_path / "jax").iterdir() if path.name.endswith("-cache")]
        for entry in entries:
            entry.write_bytes(entry.read_bytes()[:20])
        assert entries
    assert told[0] == told[1]
