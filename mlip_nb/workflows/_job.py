"""One run of a sweep, as a worker does it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle

from ..errors import MlipError
from ..potentials import AbstractPotential
from ..results.storage import ZarrStore
from ..system import System
from ._base import Workflow
from ._provenance import standing
from ._run import Run
from ._status import RunStatus
from ._workers import load_distributed

_PERIOD = 0.3
"""Seconds between two words of a worker; each asks the scheduler whether to rest or to stop."""


@dataclass(frozen=True)
class Job:
    """One run of a sweep."""

    name: str
    values: dict[str, Any]
    """What tells it from the others."""
    workflow: Workflow
    system: System
    potential: AbstractPotential

    def store_in(self, folder: Path) -> Path:
        """Where it is saved."""
        return folder / f"{self.name}.zarr"

    def packed(self) -> bytes:
        """As bytes that need nothing but `mlip_nb`; classes made in a notebook come along."""
        return cloudpickle.dumps(self)


@dataclass(frozen=True)
class Report:
    """Where a job stands."""

    status: RunStatus = RunStatus.PENDING
    done: int = 0
    message: str = ""
    wall_time: float = 0.0


def perform(packed: bytes, folder: str, sweep: str, checkpoint_every: float | str) -> Report:
    """Do a job, or what a worker that died has left of it. **Returns:** how it ended.

    Unpacked here, once our rooms are imported: they set JAX's precision, without which arrays would lose theirs.
    """
    job: Job = cloudpickle.loads(packed)
    if _events(sweep)[0].is_set():
        return Report(RunStatus.STOPPED, message="stopped by the user before it began")
    try:
        run = begun(job, job.store_in(Path(folder)), checkpoint_every)
    except MlipError as error:
        return Report(RunStatus.FAILED, message=str(error))
    return Report(RunStatus.FINISHED, job.workflow.total) if run is None else _followed(run, sweep, job.name)


def begun(job: Job, store: Path | None, checkpoint_every: float | str) -> Run | None:
    """The run from where it stands, in memory without a store; None when nothing is left to do."""
    options = {"save": store, "checkpoint_every": checkpoint_every, "name": job.name}
    if store is None or not store.exists():
        return _unattended(job.workflow.start(job.system, job.potential, **options))
    left = job.workflow.total - standing(store)[1]
    if left > 0:
        rest = job.workflow.resolved().extended(left)
        return _unattended(rest.start(job.system, job.potential, append=True, **options))
    with closing(ZarrStore.reopen(store)) as complete:
        # It may have been killed between its last frame and its last word.
        complete.update_attrs({"status": str(RunStatus.FINISHED), "message": ""})
    return None


def _unattended(run: Run) -> Run:
    """Nobody could resume it: an alarm of its monitor ends it."""
    run.attended = False
    return run


def _followed(run: Run, sweep: str, name: str) -> Report:
    """Tell the sweep where the run stands and do what the sweep asks for, until the end."""
    worker = load_distributed().get_worker()
    stopping, resting = _events(sweep)
    while not run.wait(_PERIOD).status.ended:
        worker.log_event(sweep, {"job": name, "status": str(run.status), "done": run.done, "wall_time": run.wall_time})
        if stopping.is_set():
            run.stop()
        elif resting.is_set():
            run.pause()
        else:
            run.resume()
    return Report(run.status, run.done, run.message, run.wall_time)


def _events(sweep: str) -> tuple:
    """Whether all are to stop, and whether they are to rest."""
    event = load_distributed().Event
    return event(f"{sweep}-stop"), event(f"{sweep}-rest")
