"""A run that is in a store only, as a panel sees it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..errors import InputError
from ..results import open_store
from ..system import System
from ._about import about
from ._handle import Handle
from ._helm import Helm, steering_of
from ._plots import Plot, present
from ._provenance import standing
from ._status import RunStatus

if TYPE_CHECKING:
    import xarray as xr


class PastRun(Handle):
    """What a store says of its run: nothing goes on here, and nothing can be asked for.

    `subject` is what the run worked on, as far as it is known. A run that went without a last word was killed.

    **Raises:** `StorageError` for a store that no run has written.
    """

    def __init__(self, store: Path, subject: Any = None):
        data = open_store(store)
        self.workflow, done = standing(store)
        super().__init__(store.name, self.workflow.total, done)
        self.store, self.subject = store, subject
        self.system = subject if isinstance(subject, System) else None
        self.wall_time, self.message = float(data.attrs.get("wall_time", 0)), str(data.attrs.get("message", ""))
        self.status = self._found(data)
        self.about = about(self.workflow, json.loads(data.attrs["potential"])["name"], subject)
        self.live = Helm(self.workflow, steering_of(data.attrs["steering"]), done).live(done)
        self.series = _series(data)
        self.of_atoms = {name: _newest(data[name]) for name in self.workflow.colours if name in data and self.frames}
        self._over.set()

    @property
    def frames(self) -> int:
        """How many frames there are to look at."""
        return len(next(iter(self.series.values()), ()))

    def data(self) -> "xr.Dataset":
        """The Dataset, read lazily."""
        return open_store(self.store)

    def plots(self) -> list[Plot]:
        """Diagrams of what there is."""
        return [] if self.subject is None else present(self.workflow.plots(self.subject), self.series, self.live)

    def pause(self) -> NoReturn:
        """**Raises:** `InputError`: nothing goes on here."""
        raise InputError(f"{self.name} does not go on in this kernel; %mlip attach {self.store} --resume makes it")

    resume = stop = pause

    def _drive(self) -> NoReturn:
        self.pause()

    def _found(self, data: "xr.Dataset") -> RunStatus:
        if data.attrs["status"] != RunStatus.RUNNING:
            return RunStatus(data.attrs["status"])
        self.message = f"killed after {self.workflow.counts} {self.done}"
        return RunStatus.FAILED


def _series(data: "xr.Dataset") -> dict[str, np.ndarray]:
    """One value a frame, the mean of all replicas."""
    found = {str(name): variable for name, variable in data.variables.items() if variable.dims[:1] == ("frame",)}
    plain = {name: variable for name, variable in found.items() if set(variable.dims) <= {"frame", "replica"}}
    return {
        name: np.asarray(variable.mean("replica") if "replica" in variable.dims else variable)
        for name, variable in plain.items()
    }


def _newest(variable: "xr.DataArray") -> np.ndarray:
    return variable.isel(frame=-1, replica=0, missing_dims="ignore").values
