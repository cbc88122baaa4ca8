"""Runs that come to a bad end, for processes forked from one that has imported everything: they begin in no time."""

import resource
import warnings
from pathlib import Path

import jax
from ase.build import bulk

import mlip_nb
from mlip_nb.results import _zarr
from mlip_nb.simulate import NVTLangevin
from mlip_nb.workflows import MD

STEPS = 100_000


def argon():
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))


def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


def md(steps: int) -> MD:
    """Every step is a frame: there is always something to write."""
    return MD(ensemble=NVTLangevin(temperature=60), timestep=4.0, every=1, steps=steps)


def go_on(store: Path) -> None:
    """From where the run stands, writing as often as it can, for ever."""
    _zarr._FLUSH_SECONDS = _zarr._FLUSH_SHARE = 1e-3
    append = store.exists()
    md(STEPS).start(argon(), potential(), save=store, append=append, checkpoint_every=0.1).wait()


def fill_up(store: Path) -> None:
    """Go on until a file is as large as the operating system lets it be; what is said then is written beside."""
    _zarr._FLUSH_SECONDS = 1e-3
    # Compiled programs are larger than that: what is kept of them would be damaged.
    jax.config.update("jax_enable_compilation_cache", False)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        md(STEPS).run(argon(), potential(), save=store, append=True)
    store.with_suffix(".txt").write_text(str(told[-1].message))
