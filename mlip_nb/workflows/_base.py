"""A workflow is a generator of updates; a run drives it."""

import abc
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..params import Params
from ..potentials import AbstractPotential
from ..registry import Registry
from ..results.storage import AbstractStore
from ..system import System
from ._clock import CHECKPOINT_SECONDS
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

    from ._run import Run

workflows: Registry["Workflow"] = Registry("workflow", "mlip_nb.workflows")
"""Every workflow known by name."""

Steering = list[tuple[int, dict[str, float]]]
"""Changes of live parameters, user units, each with the step from which it holds."""

Controls = Callable[[int], tuple[Mapping[str, float], int]]
"""Step -> live values that hold from it on, internal units, and the step at which to ask again."""


class Workflow(Params):
    """Something a user can run on a system with a potential."""

    registry: ClassVar[Registry] = workflows

    def start(
        self,
        system: System,
        potential: AbstractPotential,
        *,
        save: Path | str | None = None,
        overwrite: bool = False,
        append: bool = False,
        checkpoint_every: float | str = CHECKPOINT_SECONDS,
        name: str | None = None,
    ) -> "Run":
        """The run of this workflow, going on in a thread of its own.

        `save` names a store that is written while it runs. A store that exists is an error unless `overwrite`
        replaces it or `append` continues the run it holds. All that is needed to continue is written there at the
        start, when the run rests or ends, and each time so much wall time has passed: seconds, or text like `"5min"`.

        **Raises:** `InputError`, `StorageError` for what cannot work, before anything is compiled.
        """
        options = {"save": save, "overwrite": overwrite, "append": append, "checkpoint_every": checkpoint_every}
        return self._make_run(system, potential, name=name, **options).start()

    def run(
        self,
        system: System,
        potential: AbstractPotential,
        *,
        save: Path | str | None = None,
        overwrite: bool = False,
        append: bool = False,
        checkpoint_every: float | str = CHECKPOINT_SECONDS,
    ) -> "xr.Dataset":
        """The Dataset of a whole run, as by `start`. Ctrl-C ends it early and keeps what was computed."""
        options = {"save": save, "overwrite": overwrite, "append": append, "checkpoint_every": checkpoint_every}
        return self._make_run(system, potential, **options).execute()

    def replay(self, system: System, potential: AbstractPotential, steering: Steering) -> "xr.Dataset":
        """The Dataset of a run whose live parameters change as they once did."""
        return self._make_run(system, potential, steering=steering).execute()

    @property
    @abc.abstractmethod
    def total(self) -> int:
        """Steps to take."""

    @abc.abstractmethod
    def prepare(self, system: System, potential: AbstractPotential) -> None:
        """Refuse what cannot work, before anything is compiled."""

    def resolved(self, done: int = 0) -> "Workflow":
        """The same with schedules that know their times: from step `done` to the end of the run."""
        return self

    def time_at(self, step: int) -> float:
        """Simulated time, fs; 0 for a workflow without a clock."""
        return 0.0

    @abc.abstractmethod
    def extended(self, steps: int) -> "Workflow":
        """The same workflow, `steps` long."""

    @abc.abstractmethod
    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
    ) -> Generator[Update, None, None]:
        """Do the work, appending frames to `store`; a `checkpoint` continues where an earlier run stood."""

    def constants(self, system: System) -> Mapping[str, object]:
        """What the Dataset has once, not per frame."""
        return {
            "symbol": np.array(system.symbols),
            "number": np.asarray(system.numbers),
            "mass": np.asarray(system.masses, float),
        }

    def _make_run(self, system: System, potential: AbstractPotential, **options: object) -> "Run":
        from ._run import Run

        return Run(self, system, potential, **options)
