"""The handle of a run: start, pause, steer, stop; it knows nothing of notebooks."""

import itertools
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, RunWarning, StorageError
from ..potentials import AbstractPotential
from ..system import System
from ._about import about
from ._base import Steering, Workflow
from ._clock import CHECKPOINT_SECONDS, Every, seconds
from ._handle import Handle, log
from ._helm import Helm
from ._plots import Plot, present
from ._provenance import begin
from ._series import Series
from ._status import RunStatus
from ._update import Alarm, Update
from ._verdict import Verdict

if TYPE_CHECKING:
    import xarray as xr

_numbers = itertools.count(1)

_NOTICE_SECONDS = 0.1


class Run(Handle):
    """One workflow going on with one subject and one potential. Every method may be called from any thread.

    Pausing, steering and stopping take effect between two chunks, a fraction of a second later. A run with a store
    holds 32 MB of frames at most, and 72 bytes for each frame in its `series`; one without keeps every frame in memory.
    """

    def __init__(
        self,
        workflow: Workflow,
        subject: Any,
        potential: AbstractPotential,
        *,
        save: Path | str | None = None,
        overwrite: bool = False,
        append: bool = False,
        name: str | None = None,
        checkpoint_every: float | str = CHECKPOINT_SECONDS,
        steering: Steering | None = None,
    ):
        self._checkpoints = Every(seconds(checkpoint_every), at_once=True)
        workflow.resolved().prepare(subject, potential)
        self.store = None if save is None else Path(save).expanduser()
        start = begin(self.store, workflow, subject, potential, overwrite=overwrite, append=append)
        self._store, self._checkpoint = start.store, start.checkpoint
        self.workflow, self.potential, self.subject = start.workflow, potential, start.subject
        self.system = start.subject if isinstance(start.subject, System) else None
        """The newest frame of what moves, if something does."""
        default = self.store.name if self.store else f"{workflow.registered_name}-{next(_numbers)}"
        super().__init__(name or default, start.workflow.total, start.step)
        self.about = about(self.workflow, potential.spec.registered_name, self.subject)
        """What runs, in a few words."""
        self.wall_time = self._former_wall_time = start.wall_time
        self._helm = Helm(start.workflow, start.steering or list(steering or []), start.step)
        self._series = Series()
        self._going = threading.Event()
        self._going.set()
        self._stopping = False
        self.checkpointed = start.step if start.checkpoint else None
        self.attended = False
        """True where somebody could resume it after an alarm of its monitor; otherwise that ends it."""
        self._halted = False
        self._error: Exception | None = None
        self._latest: Update | None = None
        self._product: Callable[[], Any] | None = None

    # What can be asked for

    def execute(self) -> "xr.Dataset":
        """Begin, wait for the end, give the Dataset. Ctrl-C stops the run and keeps the data."""
        self.start().wait_or_stop()
        return self.result()

    def pause(self) -> None:
        """Rest after the present chunk, with everything so far on disk."""
        if self.status is RunStatus.RUNNING:
            self._going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        # One that rests forgets what it asks when it wakes up; one that does not yet rest never will.
        if self.asks and self.status is not RunStatus.PAUSED:
            self.asks, self.message = False, ""
        self._going.set()

    def stop(self) -> None:
        """End after the present chunk and keep the data."""
        self._stopping = True
        self._going.set()

    def accept(self) -> None:
        """Make do with what there is: the run finishes as if it had come to its end.

        **Raises:** `InputError` for a run to which that means nothing.
        """
        if not self.workflow.acceptable:
            raise InputError(f"{self.workflow.registered_name} has nothing to accept; stop ends it and keeps the data")
        self._helm.accept()
        self._going.set()

    def set(self, **live: Any) -> None:
        """Change live parameters from the next chunk on; user units.

        **Raises:** `InputError` for a name that is not live, or a value out of range; the run goes on unchanged.
        """
        self._helm.wish(**live)

    def checkpoint(self) -> None:
        """Have a checkpoint in the store after the present chunk, whatever the time.

        **Raises:** `InputError` for a run that is not saved.
        """
        if self.store is None:
            raise InputError(f"run {self.name!r} is in memory only; give it a store with save")
        self._checkpoints.hurry()

    def result(self) -> "xr.Dataset":
        """The Dataset of a run that has ended. One that failed, or was ended by its monitor, warns.

        **Raises:** what ended the run before its first frame.
        """
        self.wait()
        if self._error is not None and not self._store.length:
            raise self._error
        if self.status is RunStatus.FAILED:
            warnings.warn(self.message, RunWarning, stacklevel=2)
        if self._halted:
            kept = f"to go on, append to {self.store}" if self.store else "its frames are kept"
            told = (
                f"the monitor ended run {self.name!r}: {self.message}; {kept}, with a higher threshold or on_alarm mark"
            )
            warnings.warn(told, RunWarning, stacklevel=2)
        return self.data()

    def data(self) -> "xr.Dataset":
        """The Dataset so far."""
        return self._store.dataset()

    def product(self) -> Any:
        """What the workflow has made besides data, such as a trained potential; None where there is nothing."""
        return self._product() if self._product else None

    @property
    def live(self) -> dict[str, float]:
        """Live parameters and their present values, user units; of a ladder the mean."""
        return self._helm.live(self.done)

    @property
    def frames(self) -> int:
        """How many frames there are to look at."""
        return self._store.length

    @property
    def series(self) -> dict[str, np.ndarray]:
        """Time series so far: one value per stored frame, user units."""
        return self._series()

    def plots(self) -> list[Plot]:
        """Diagrams of what there is so far."""
        return present(self.workflow.plots(self.subject), self.series, self.live)

    def _facts(self) -> dict[str, object]:
        return super()._facts() | {
            "workflow": self.workflow.registered_name,
            "of": self.workflow.about(self.subject),
            "potential": self.potential.spec.registered_name,
            "store": self.store or "memory only",
        }

    # What the run's thread does

    def _drive(self) -> RunStatus:
        self._began = time.perf_counter()
        try:
            self._work()
        except Exception as error:
            self._error = error
        self._close()
        return self._ending

    def _work(self) -> None:
        updates = self.workflow.updates(self.subject, self.potential, self._store, self._controls, self._checkpoint)
        notices = Every(_NOTICE_SECONDS)
        for update in updates:
            self._take(update)
            # The first frames come with the first checkpoint, so that a killed run can always be continued.
            if self._checkpoints.due and self._store.length:
                self._save()
            if notices.due:
                self._notify()
                notices.done()
            if not self._going.is_set():
                self._rest()
            if self._stopping:
                updates.close()
                return

    def _take(self, update: Update) -> None:
        self._latest, self.done, self.total = update, update.done, update.total
        self.system, self.of_atoms = update.system or self.system, update.of_atoms or self.of_atoms
        self.spread = self.spread if update.spread is None else update.spread
        self._product = update.product or self._product
        self.clouds = update.clouds or self.clouds
        self.wall_time = self._former_wall_time + time.perf_counter() - self._began
        self._series.append(update.series)
        self._rate.mark(update.done)
        self.verdict = update.verdict or self.verdict
        if update.alarm:
            self._raise_alarm(update.alarm)

    def _raise_alarm(self, alarm: Alarm) -> None:
        log.info("alarm in run %s: %s", self.name, alarm.verdict)
        if alarm.action == "mark":
            return
        if callable(alarm.action):
            self._call(alarm.action, alarm.verdict)
            return
        self.message = str(alarm.verdict)
        self._pause_or_stop()

    def _call(self, function: Callable[[Any, Verdict], object], verdict: Verdict) -> None:
        """In the thread of the run. One that fails is an alarm, too."""
        try:
            function(self, verdict)
        except Exception as error:
            log.exception("what an alarm of run %s calls has failed", self.name)
            self.message = f"{verdict}; what was to be called failed ({type(error).__name__}: {error})"
            self._pause_or_stop()

    def _pause_or_stop(self) -> None:
        if self.done >= self.total:
            return
        if self.attended:
            self.asks = True
            self._going.clear()
        else:
            self._stopping = self._halted = True

    def _rest(self) -> None:
        self._save()
        self.status = RunStatus.PAUSED
        self._notify()
        self._going.wait()
        self._rate.forget()
        self.asks, self.message = False, ""
        self.status = RunStatus.RUNNING
        self._notify()

    def _controls(self, step: int) -> tuple[Mapping[str, Any], int]:
        """Live values from `step` on; a wish is recorded before the first frame it changes."""
        if self._helm.at(step):
            self._store.update_attrs({"steering": self._helm.record})
        return self._helm.controls()

    def _save(self, **attributes: object) -> None:
        """Frames, checkpoint and attributes in one piece: a checkpoint is never ahead of what is stored."""
        present = {"steering": self._helm.record, "done": self.done, "wall_time": self.wall_time, **attributes}
        if self.store is None or self._latest is None:
            self._store.update_attrs(present)
        else:
            self._store.write_checkpoint(self._latest.checkpoint(), present)
            self.checkpointed = self.done
        self._checkpoints.done()

    @property
    def _ending(self) -> RunStatus:
        if self._error is not None:
            return RunStatus.FAILED
        return RunStatus.STOPPED if self.done < self.total else RunStatus.FINISHED

    def _close(self) -> None:
        """Everything to disk, with a last word: the word alone when the disk is full, and whoever waits hears of it."""
        try:
            self._save(**self._last_word())
        except Exception as error:
            self._error = self._error or error
            with suppress(StorageError):
                self._store.update_attrs(self._last_word())
        with suppress(StorageError):
            self._store.close()

    def _last_word(self) -> dict[str, str]:
        if self._error is not None:
            self.message = str(self._error)
        elif self.done < self.total:
            self.message = self.message or f"stopped by the user after step {self.done}"
        return {"status": str(self._ending), "message": self.message}
