"""The handle of an attack: what a panel shows of it while it goes on."""

import itertools
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ..uncertainty import AbstractUncertainty
from ._attack_search import Search, described
from ._clock import Every
from ._handle import Handle
from ._plots import Plot, present
from ._series import Series
from ._status import RunStatus
from .attack import Attack

if TYPE_CHECKING:
    import xarray as xr

_numbers = itertools.count(1)
_NOTICE_SECONDS = 0.1


class AttackRun(Handle):
    """One attack going on. What it has found so far is never lost: `stop` keeps the best.

    **Raises:** `InputError` for what cannot be attacked.
    """

    store: Path | None = None

    def __init__(
        self,
        settings: Attack,
        system: System,
        uncertainty: AbstractUncertainty,
        reference: AbstractPotential | None = None,
        *,
        name: str | None = None,
    ):
        super().__init__(name or f"attack-{next(_numbers)}", settings.iterations)
        self._search = Search(settings, system, uncertainty, reference)
        self.workflow, self.potential, self.subject = settings, uncertainty.potential, system
        self.system: System | None = system
        objective = settings.objective.registered_name
        self.about = " · ".join(["attack", objective, self.potential.spec.registered_name, system.formula])
        """What runs, in a few words."""
        self.live: dict[str, float] = {}
        self._unit, self._series = uncertainty.unit, Series()
        self._path: list[tuple[System, np.ndarray]] = []
        self._going, self._stopping = threading.Event(), False
        self._error: Exception | None = None
        self._going.set()
        self._take()

    def pause(self) -> None:
        """Rest after the present iteration."""
        self._going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._going.set()

    def stop(self) -> None:
        """End after the present iteration, and keep the best."""
        self._stopping = True
        self._going.set()

    def result(self) -> "xr.Dataset":
        """The structures of all starts, best first, beside what chance does: see `Attack.run`.

        **Raises:** what ended it, if it failed.
        """
        self.wait()
        if self._error is not None:
            raise self._error
        return self._search.dataset()

    def data(self) -> "xr.Dataset":
        """The way of the best structure so far, one frame for each iteration."""
        systems, sigma = zip(*list(self._path), strict=True)
        variables = {
            "positions": np.stack([np.asarray(one.positions) for one in systems]),
            "cell": np.stack([np.asarray(one.cell) for one in systems]),
            "atom_uncertainty": np.stack(sigma),
        }
        pbc = {"made_by": "attack", "pbc": json.dumps(list(systems[0].pbc))}
        return build_dataset(described(systems[0]) | variables, attrs=pbc)

    @property
    def frames(self) -> int:
        """How many frames there are to look at."""
        return len(self._path)

    @property
    def series(self) -> dict[str, np.ndarray]:
        """Objective, uncertainty and energy of the best, by iteration."""
        return self._series()

    def plots(self) -> list[Plot]:
        """Diagrams of what there is so far."""
        return present(self.workflow.plots(self._unit), self.series, self.live)

    def _drive(self) -> RunStatus:
        began, notices = time.perf_counter(), Every(_NOTICE_SECONDS)
        try:
            while self.done < self.total and not self._stopping:
                self._search.climb()
                self.done += 1
                self._take()
                self.wall_time = time.perf_counter() - began
                self._rate.mark(self.done)
                if notices.due:
                    self._notify()
                    notices.done()
                if not self._going.is_set():
                    self._rest()
        except Exception as error:
            self._error, self.message = error, str(error)
            return RunStatus.FAILED
        return RunStatus.STOPPED if self.done < self.total else RunStatus.FINISHED

    def _rest(self) -> None:
        self.status = RunStatus.PAUSED
        self._notify()
        self._going.wait()
        self._rate.forget()
        self.status = RunStatus.RUNNING

    def _take(self) -> None:
        """What is seen of this iteration."""
        told, objectives = self._search.told(), self._search.trace[-1]
        atoms = told.pop("atom_uncertainty")
        self.system, self.of_atoms = self._search.best, {"atom_uncertainty": atoms}
        self._path.append((self.system, atoms))
        values = {"iteration": self.done, "objective": objectives.max(), "mean_objective": objectives.mean(), **told}
        self._series.append({name: np.array([value], float) for name, value in values.items()})
