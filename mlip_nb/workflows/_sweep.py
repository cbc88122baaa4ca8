"""Many runs that have nothing to do with each other: over systems, potentials and values of parameters."""

import itertools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, StorageError
from ..potentials import AbstractPotential
from ..results.storage import remove_store
from ..system import System
from ._base import Workflow
from ._clock import CHECKPOINT_SECONDS
from ._job import Job
from ._named import Several, named_potentials, named_systems

if TYPE_CHECKING:
    import xarray as xr

    from ._sweep_run import SweepRun


class Sweep:
    """A workflow done once for every combination of systems, potentials and values of parameters.

    Systems and potentials are one, a list, or a dict with names; `temperature=[300, 600]` or `seed=range(4)` name any
    parameter of the workflow or its parts. Runs have nothing to do with each other, so they are done side by side.

    !!! example
        `Sweep(MD(steps=10_000), {"solid": solid, "liquid": liquid}, potential, temperature=[300, 600])` are four runs.

    **Raises:** `InputError` for a combination that cannot work, or two runs that would have one name.
    """

    def __init__(
        self,
        workflow: Workflow,
        systems: Several[System],
        potentials: Several[AbstractPotential],
        /,
        **values: Iterable[Any],
    ):
        self.workflow = workflow
        axes = {
            "system": named_systems(systems),
            "potential": named_potentials(potentials),
        }
        axes |= {name: {_text(value): value for value in _several(name, choice)} for name, choice in values.items()}
        self.jobs = tuple(_job(workflow, axes, labels) for labels in itertools.product(*axes.values()))
        for job in self.jobs:
            job.workflow.prepare(job.system, job.potential)

    def start(
        self,
        save: Path | str,
        *,
        client: Any = None,
        overwrite: bool = False,
        resume: bool = False,
        checkpoint_every: float | str = CHECKPOINT_SECONDS,
        name: str | None = None,
    ) -> "SweepRun":
        """The runs of this sweep, going on in other processes, each with its own store in the folder `save`.

        `client` says where: a dask `Client`, a cluster object (`dask-jobqueue`'s too), the address of a scheduler, or
        None for a process on each core of this machine. Workers elsewhere must see the folder under the same path. A
        run whose worker dies goes on from its last checkpoint on another one; after four deaths it has failed. Stores
        that exist are an error unless `resume` completes their runs or `overwrite` replaces them.

        In a script, call it below `if __name__ == "__main__":`, because local processes import the script.

        **Raises:** `StorageError`, `InputError` for what cannot work, before anything runs.
        """
        from ._sweep_run import SweepRun

        folder = prepared(Path(save).expanduser().absolute(), self.jobs, overwrite=overwrite, resume=resume)
        return SweepRun(self, folder, client=client, checkpoint_every=checkpoint_every, name=name).start()

    def run(self, save: Path | str, **options: Any) -> "dict[str, xr.Dataset]":
        """The Dataset of each run, by name. Options as in `start`; Ctrl-C ends the sweep and keeps its data."""
        sweep = self.start(save, **options)
        sweep.wait_or_stop()
        return sweep.result()

    def __len__(self) -> int:
        return len(self.jobs)

    def __repr__(self) -> str:
        return f"Sweep({len(self)} runs of {self.workflow.registered_name})"


def _job(workflow: Workflow, axes: Mapping[str, Mapping[str, Any]], labels: tuple[str, ...]) -> Job:
    chosen = dict(zip(axes, labels, strict=True))
    values = {name: axes[name][label] for name, label in chosen.items() if name not in ("system", "potential")}
    parts = [f"{name}={label}" if name in values else label for name, label in chosen.items() if len(axes[name]) > 1]
    told = {name: label for name, label in chosen.items() if name not in values} | values
    system, potential = (axes[name][chosen[name]] for name in ("system", "potential"))
    name = re.sub(r"[^\w.=+-]", "-", "_".join(parts)) or workflow.registered_name
    return Job(name, told, workflow.replace(**values).resolved(), system, potential)


def _several(name: str, choice: Any) -> list[Any]:
    values = [choice] if isinstance(choice, (str, int, float)) else list(choice)
    if not values or len({_text(value) for value in values}) < len(values):
        raise InputError(f"{name}: give each value once, and one at least (got {choice!r})")
    return values


def _text(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def prepared(folder: Path, jobs: Iterable[Job], *, overwrite: bool, resume: bool) -> Path:
    """The folder, with room for every store."""
    if overwrite and resume:
        raise InputError("resume completes the runs in a folder, overwrite replaces them; give one of the two")
    if resume and not folder.exists():
        raise StorageError(f"there is no {folder} whose runs could be completed; leave resume out to begin there")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror}; choose another path") from error
    taken = [path for path in (job.store_in(folder) for job in jobs) if path.exists()]
    if taken and not (overwrite or resume):
        raise StorageError(f"{taken[0]} exists already; resume=True completes its run, overwrite=True replaces it")
    for path in taken if overwrite else ():
        remove_store(path)
    return folder
