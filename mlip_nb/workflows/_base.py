"""A workflow is a generator of updates; a run drives it.

What it works on, its subject, is a system of atoms for most, and labelled frames for training.
"""

import abc
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..params import Params
from ..potentials import AbstractPotential
from ..registry import Registry
from ..results.storage import AbstractStore
from ._clock import CHECKPOINT_SECONDS
from ._plots import Axis, Plot
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
    """Something a user can run on a subject with a potential."""

    registry: ClassVar[Registry] = workflows
    counts: ClassVar[str] = "step"
    """What `total` counts: a row of the table of quantities."""
    acceptable: ClassVar[bool] = False
    """Whether it can be asked to make do with what there is, which is more than to be stopped."""
    axis: ClassVar[Axis]
    """What its diagrams are drawn against."""

    def start(
        self,
        subject: Any,
        potential: AbstractPotential,
        /,
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
        run = self._make_run(subject, potential, name=name, **options)
        run.attended = True
        return run.start()

    def run(
        self,
        subject: Any,
        potential: AbstractPotential,
        /,
        *,
        save: Path | str | None = None,
        overwrite: bool = False,
        append: bool = False,
        checkpoint_every: float | str = CHECKPOINT_SECONDS,
    ) -> "xr.Dataset":
        """The Dataset of a whole run, as by `start`. Ctrl-C ends it early and keeps what was computed."""
        options = {"save": save, "overwrite": overwrite, "append": append, "checkpoint_every": checkpoint_every}
        return self._make_run(subject, potential, **options).execute()

    def replay(self, subject: Any, potential: AbstractPotential, steering: Steering, /) -> "xr.Dataset":
        """The Dataset of a run whose live parameters change as they once did."""
        return self.watched_as(None)._make_run(subject, potential, steering=steering).execute()

    @property
    def colours(self) -> tuple[str, ...]:
        """Variables of its frames that atoms may be coloured by while it goes on."""
        return ()

    @property
    def colouring(self) -> str:
        """What of them atoms are coloured by until somebody chooses; elements when empty."""
        return ""

    @property
    @abc.abstractmethod
    def total(self) -> int:
        """Steps to take."""

    @abc.abstractmethod
    def prepare(self, subject: Any, potential: AbstractPotential, /) -> None:
        """Refuse what cannot work, before anything is compiled."""

    def resolved(self, done: int = 0) -> "Workflow":
        """The same with schedules that know their times: from step `done` to the end of the run."""
        return self

    def watched_as(self, other: "Workflow | None") -> "Workflow":
        """The same with what watches another one, or without: what is computed does not depend on that."""
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
        subject: Any,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """Do the work, appending frames to `store`; a `checkpoint` continues where an earlier run stood."""

    @abc.abstractmethod
    def constants(self, subject: Any, /) -> Mapping[str, object]:
        """What the Dataset has once, not per frame."""

    @abc.abstractmethod
    def identity(self, subject: Any, /) -> Mapping[str, object]:
        """Attributes of the Dataset that tell the subject from others, besides constants."""

    @abc.abstractmethod
    def check_same(self, path: Path, past: "xr.Dataset", subject: Any, /) -> None:
        """**Raises:** `InputError` when a stored run was on another subject."""

    def as_begun(self, past: "xr.Dataset", subject: Any, /) -> Any:
        """The subject as it was when a stored run began."""
        return subject

    @abc.abstractmethod
    def about(self, subject: Any, /) -> str:
        """The subject in a word."""

    @abc.abstractmethod
    def plots(self, subject: Any, /) -> tuple[Plot, ...]:
        """Diagrams of its series."""

    def _make_run(self, subject: Any, potential: AbstractPotential, **options: object) -> "Run":
        from ._run import Run

        return Run(self, subject, potential, **options)
