"""Path-integral runs with several numbers of beads: what would infinitely many give?"""

import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, RunWarning
from ..path_integrals import Rings
from ..potentials import AbstractPotential
from ..properties import bead_convergence
from ..properties.extrapolation import FEWEST
from ..results import open_store
from ..system import System
from ._clock import CHECKPOINT_SECONDS
from ._job import Job, begun
from ._provenance import check_asked, stamp
from ._run import Run
from ._sampling import check_sampling
from ._status import RunStatus
from ._sweep import Sweep, prepared
from .pimd import PIMD

if TYPE_CHECKING:
    import xarray as xr

_MOST, _KEPT = 4, ("kinetic_energy", "total_energy")


def convergence(
    system: System,
    potential: AbstractPotential,
    pimd: PIMD,
    *,
    beads: Sequence[int] = (),
    save: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    checkpoint_every: float | str = CHECKPOINT_SECONDS,
    discard: float = 0.2,
    follow: Callable[[Run], None] = lambda run: run.wait_or_stop(),
) -> "xr.Dataset":
    """Quantum kinetic and total energy, `[estimator, bead_count]`, and what they tend to: see `bead_convergence`.

    `pimd` is done once for each number of `beads`; without any for a quarter, half and all of its own. `save` names a
    folder with a store for each run, and `resume` completes what is in it. `follow` shows a run until it ends. Ctrl-C
    ends the present run, begins no other, and keeps what there is.

    **Raises:** `InputError`, `StorageError` for what cannot work, before anything is compiled.
    """
    settled, _ = pimd.settled(system, potential)
    numbers = _checked(settled, tuple(beads) or bead_numbers(settled.ensemble), discard)
    jobs = Sweep(settled, system, potential, beads=numbers).jobs
    folder = None
    if save is not None:
        folder = prepared(Path(save).expanduser().absolute(), jobs, overwrite=overwrite, resume=resume)
    runs = _done(jobs, folder, checkpoint_every, follow)
    return bead_convergence(
        runs, order=settled.ensemble.bead_action.order, discard=discard, attrs=_origin(settled, system, potential)
    )


def bead_numbers(ensemble: Rings) -> tuple[int, ...]:
    """A quarter, half and all of the beads of an ensemble; more than one, and as many as its action takes together."""
    period = ensemble.bead_action.period
    parts = {ensemble.count // part // period * period for part in (4, 2, 1)}
    return tuple(sorted(number for number in parts if number > 1))


def _checked(pimd: PIMD, beads: tuple[int, ...], discard: float) -> tuple[int, ...]:
    if not 2 <= len(set(beads)) <= _MOST:
        told = ", ".join(map(str, beads)) or "none"
        raise InputError(f"beads: convergence takes two to {_MOST} different numbers of beads (got {told})")
    if min(beads) < 2:
        raise InputError("beads: one bead is classical, and tells nothing of the limit of many; begin with two or more")
    check_sampling(pimd, discard=discard, fewest=FEWEST)
    return tuple(sorted(set(beads)))


def _done(
    jobs: Sequence[Job], folder: Path | None, checkpoint_every: float | str, follow: Callable[[Run], None]
) -> "dict[int, xr.Dataset]":
    """By number of beads, what runs gave until the last of them or an interrupt; one that failed gives nothing."""
    runs = {}
    try:
        for job in jobs:
            data, status = _one(job, folder, checkpoint_every, follow)
            if status is not RunStatus.FAILED:
                runs[job.values["beads"]] = data[[name for name in _KEPT if name in data]].load()
            if status is RunStatus.STOPPED:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        warnings.warn(f"interrupted: {len(runs)} of {len(jobs)} numbers of beads", RunWarning, stacklevel=3)
    return runs


def _one(job: Job, folder: Path | None, checkpoint_every: float | str, follow) -> "tuple[xr.Dataset, RunStatus]":
    if folder is None:
        run = begun(job, None, checkpoint_every)
    else:
        store = job.store_in(folder)
        if store.exists():
            check_asked(store, job.workflow, job.system, job.potential)
        run = begun(job, store, checkpoint_every)
        if run is None:
            return open_store(store), RunStatus.FINISHED
    follow(run)
    return run.result(), run.status


def _origin(pimd: PIMD, system: System, potential: AbstractPotential) -> dict[str, object]:
    return {
        "made_by": "convergence",
        "params": json.dumps(pimd.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "formula": system.formula,
        "atoms": len(system.numbers),
        **stamp(),
    }
