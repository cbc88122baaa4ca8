"""The handle of a run: start, pause, steer, stop; it knows nothing of notebooks."""

import enum
import itertools
import json
import logging
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, RunWarning
from ..potentials import AbstractPotential
from ..schedule import now, plain
from ..system import System
from ._base import Steering, Workflow
from ._provenance import continue_store, new_store
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

log = logging.getLogger(__name__)
_numbers = itertools.count(1)

_NOTICE_SECONDS = 0.1
_CHECKPOINT_SECONDS = 60.0
_RATE_SECONDS = 3.0
_NEVER = np.iinfo(np.int32).max


class RunStatus(enum.StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """True when nothing more will happen."""
        return self in (RunStatus.STOPPED, RunStatus.FINISHED, RunStatus.FAILED)


class Run:
    """One workflow going on with one system and one potential. Every method may be called from any thread.

    Pausing, steering and stopping take effect between two chunks, a fraction of a second later.
    """

    def __init__(
        self,
        workflow: Workflow,
        system: System,
        potential: AbstractPotential,
        *,
        save: Path | str | None = None,
        overwrite: bool = False,
        append: bool = False,
        name: str | None = None,
        steering: Steering | None = None,
    ):
        workflow.prepare(system, potential)
        self.potential = potential
        self._start, self._checkpoint, done = system, None, 0
        script: Steering = [(int(step), dict(values)) for step, values in steering or []]
        if append:
            if save is None:
                raise InputError("append continues a store; name it with save")
            self._store, past = continue_store(Path(save), workflow, system, potential)
            workflow, done, self._checkpoint = past.workflow, past.step, past.checkpoint
            script = past.steering
        else:
            self._store = new_store(save and Path(save), workflow, system, potential, overwrite)
        self.workflow = workflow
        self.store = None if save is None else Path(save)
        self.name = name or (Path(save).name if save else f"{workflow.registered_name}-{next(_numbers)}")
        self.status = RunStatus.PENDING
        self.message = ""
        self.done, self.total = done, workflow.total
        self.wall_time = 0.0
        self.system = system
        self._steering = [event for event in script if event[0] < done]
        self._script = [event for event in script if event[0] >= done]
        self._steered = workflow
        for _, values in self._steering:
            self._steered = self._steered.replace(**values)
        self._wishes: dict[str, float] = {}
        self._series: dict[str, list[np.ndarray]] = {}
        self._marks: list[tuple[float, int]] = []
        self._watchers: list[Callable[[Run], None]] = []
        self._lock = threading.RLock()
        self._going, self._over = threading.Event(), threading.Event()
        self._going.set()
        self._stopping = False
        self._error: Exception | None = None
        self._latest: Update | None = None
        self._thread = threading.Thread(target=self._drive, name=f"mlip-{self.name}", daemon=True)

    # What can be asked for

    def start(self) -> "Run":
        """Begin, in a thread of its own."""
        self._thread.start()
        return self

    def execute(self) -> "xr.Dataset":
        """Begin, wait for the end, give the Dataset. Ctrl-C stops the run and keeps the data."""
        self.start()
        try:
            self.wait()
        except KeyboardInterrupt:
            self.stop()
            self.wait()
        return self.result()

    def pause(self) -> None:
        """Rest after the present chunk, with everything so far on disk."""
        with self._lock:
            if self.status is RunStatus.RUNNING:
                self._going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._going.set()

    def stop(self) -> None:
        """End after the present chunk and keep the data."""
        self._stopping = True
        self._going.set()

    def set(self, **live: float) -> None:
        """Change live parameters from the next chunk on; user units.

        **Raises:** `InputError` for a name that is not live, or a value out of range; the run goes on unchanged.
        """
        with self._lock:
            for name in live:
                if name not in self.live:
                    known = ", ".join(self.live) or "nothing"
                    raise InputError(f"{name!r} cannot be changed while running; live: {known}")
            self._steered = self._steered.replace(**live).resolved()
            settled = self._steered.live()
            self._wishes |= {name: plain(settled[name]) for name in live}

    def wait(self, timeout: float | None = None) -> "Run":
        """Until the run has ended, or for `timeout` seconds."""
        self._over.wait(timeout)
        return self

    def result(self) -> "xr.Dataset":
        """The Dataset of a run that has ended; one that failed warns, and gives what there was.

        **Raises:** what ended the run before its first frame.
        """
        self.wait()
        if self._error is not None and not self._store.length:
            raise self._error
        if self.status is RunStatus.FAILED:
            warnings.warn(self.message, RunWarning, stacklevel=2)
        return self.data()

    def data(self) -> "xr.Dataset":
        """The Dataset so far."""
        with self._lock:
            self._store.flush()
            return self._store.dataset()

    def checkpoint(self, path: Path | str) -> None:
        """Write all that is needed to continue from the present chunk.

        **Raises:** `InputError` before the first chunk is done.
        """
        latest = self._latest
        if latest is None:
            raise InputError(f"run {self.name!r} has not begun; there is nothing to write yet")
        Path(path).write_bytes(latest.checkpoint())

    def on_update(self, watcher: Callable[["Run"], None]) -> Callable[[], None]:
        """Call `watcher(run)` in the run's thread, at most ten times a second and once at the end.

        **Returns:** a function that ends the subscription.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    @property
    def live(self) -> dict[str, float]:
        """Live parameters and their present values, user units; of a ladder the mean."""
        time = self.workflow.time_at(self.done)
        return {name: now(value, time) for name, value in self._steered.live().items()}

    @property
    def series(self) -> dict[str, np.ndarray]:
        """Time series so far: one value per stored frame, user units."""
        with self._lock:
            for name, pieces in self._series.items():
                if len(pieces) > 1:
                    self._series[name] = [np.concatenate(pieces)]
            return {name: pieces[0] for name, pieces in self._series.items()}

    @property
    def rate(self) -> float:
        """Steps per second, over the last seconds."""
        with self._lock:
            if len(self._marks) < 2:
                return 0.0
            (begin, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / max(end - begin, 1e-9)

    @property
    def eta(self) -> float | None:
        """Seconds to go, when that can be told."""
        return (self.total - self.done) / self.rate if self.rate > 0 and not self.status.ended else None

    def __repr__(self) -> str:
        return f"Run({self.name!r}, {self.status}, {self.done}/{self.total} steps)"

    # What the run's thread does

    def _drive(self) -> None:
        began = time.perf_counter()
        try:
            self.status = RunStatus.RUNNING
            self._work(began)
            self.status = RunStatus.STOPPED if self.done < self.total else RunStatus.FINISHED
            self.message = f"stopped by the user after step {self.done}" if self.done < self.total else ""
        except Exception as error:
            self._fail(error)
        self.wall_time = time.perf_counter() - began
        try:
            self._close()
        except Exception as error:  # a full disk: whoever waits must hear of it
            self._fail(error)
        self._over.set()
        self._notify()

    def _fail(self, error: Exception) -> None:
        self.message, self._error, self.status = str(error), error, RunStatus.FAILED

    def _work(self, began: float) -> None:
        updates = self.workflow.updates(
            self._start, self.potential, self._store, self._controls, checkpoint=self._checkpoint
        )
        noticed = saved = time.perf_counter()
        for update in updates:
            self._take(update)
            now = time.perf_counter()
            self.wall_time = now - began
            if now - saved > _CHECKPOINT_SECONDS:
                self._save_checkpoint()
                saved = now
            if now - noticed > _NOTICE_SECONDS:
                self._notify()
                noticed = now
            if not self._going.is_set():
                self._rest()
            if self._stopping:
                updates.close()
                return

    def _take(self, update: Update) -> None:
        with self._lock:
            self._latest, self.done, self.total = update, update.done, update.total
            self.system = update.system or self.system
            for name, values in update.series.items():
                if len(values):
                    self._series.setdefault(name, []).append(values)
            self._mark(update.done)

    def _mark(self, done: int) -> None:
        now = time.perf_counter()
        recent = [mark for mark in self._marks if now - mark[0] < _RATE_SECONDS]
        self._marks = (recent or self._marks[-1:]) + [(now, done)]

    def _rest(self) -> None:
        self.status = RunStatus.PAUSED
        self._save_checkpoint()
        self._notify()
        self._going.wait()
        with self._lock:
            self._marks = []
        self.status = RunStatus.RUNNING
        self._notify()

    def _controls(self, step: int) -> tuple[Mapping[str, float], int]:
        """Live values from `step` on; wishes become recorded steering here, where their step is known."""
        with self._lock:
            while self._script and self._script[0][0] <= step:
                self._wishes |= self._script.pop(0)[1]
            if self._wishes:
                self._steering.append((step, self._wishes))
                self._steered = self._steered.replace(**self._wishes)
                self._wishes = {}
            return self._steered.controls(), self._script[0][0] if self._script else _NEVER

    def _save_checkpoint(self) -> None:
        """Frames first: a checkpoint is never ahead of what is stored."""
        if self.store is not None and self._latest is not None:
            with self._lock:
                self._store.flush()
                self._store.update_attrs({"steering": json.dumps(self._steering)})
                self._store.write_checkpoint(self._latest.checkpoint())

    def _close(self) -> None:
        self._save_checkpoint()
        ending = {"status": str(self.status), "message": self.message, "wall_time": self.wall_time}
        self._store.update_attrs(ending | {"steering": json.dumps(self._steering)})
        self._store.close()

    def _notify(self) -> None:
        for watcher in list(self._watchers):
            try:
                watcher(self)
            except Exception:
                log.exception("a watcher of run %s failed; the run goes on", self.name)
