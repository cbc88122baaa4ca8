"""What everything that goes on by itself can be asked: where it stands, to rest, to end; and who wants to know."""

import abc
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from .._table import Facts
from ..errors import InputError
from ._clock import Rate
from ._plots import Cloud
from ._status import RunStatus
from ._verdict import Verdict

log = logging.getLogger(__name__)


class Handle(abc.ABC):
    """Something that goes on in a thread of its own. Every method may be called from any thread."""

    def __init__(self, name: str, total: int, done: int = 0):
        self.name, self.done, self.total = name, done, total
        self.status, self.message, self.wall_time = RunStatus.PENDING, "", 0.0
        self.checkpointed: int | None = None
        """Step of the newest checkpoint on disk; None where there is none."""
        self.of_atoms: Mapping[str, np.ndarray] = {}
        """Numbers or vectors of the atoms of its system, by the names they have in the Dataset."""
        self.spread: np.ndarray | None = None
        """Where the beads of its ring polymers are about their centroids, `[beads atoms 3]`, Å."""
        self.clouds: tuple[Cloud, ...] = ()
        """What is compared at present."""
        self.verdict: Verdict | None = None
        """What its monitor says of the newest frame; None where there is none."""
        self.asks = False
        """True while it rests because its monitor raised an alarm."""
        self._rate = Rate()
        self._watchers: list[Callable[[Any], None]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"mlip-{name}", daemon=True)

    def start(self) -> Self:
        """Begin, in a thread of its own."""
        self._thread.start()
        return self

    @abc.abstractmethod
    def pause(self) -> None:
        """Rest soon, with everything so far on disk."""

    @abc.abstractmethod
    def resume(self) -> None:
        """Go on after a pause."""

    @abc.abstractmethod
    def stop(self) -> None:
        """End soon, and keep the data."""

    def accept(self) -> None:
        """Make do with what there is.

        **Raises:** `InputError` where that means nothing.
        """
        raise InputError(f"{self.name} has nothing to accept; stop ends it and keeps the data")

    @abc.abstractmethod
    def _drive(self) -> RunStatus:
        """The work, in the thread. **Returns:** how it ended."""

    def wait(self, timeout: float | None = None) -> Self:
        """Until it has ended and every watcher knows, or for `timeout` seconds."""
        # The last watchers are called in this thread, before the end.
        if threading.current_thread() is not self._thread:
            self._over.wait(timeout)
        return self

    def wait_or_stop(self) -> None:
        """Wait; Ctrl-C stops it and keeps the data."""
        try:
            self.wait()
        except KeyboardInterrupt:
            self.stop()
            self.wait()

    def on_update(self, watcher: Callable[[Any], None]) -> Callable[[], None]:
        """Call `watcher(self)` in the thread, at most ten times a second and once at the end.

        **Returns:** a function that ends the subscription.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    @property
    def frames(self) -> int:
        """How many frames there are to look at."""
        return 0

    @property
    def rate(self) -> float:
        """Steps per second, over the last seconds."""
        return self._rate()

    @property
    def eta(self) -> float | None:
        """Seconds to go, when that can be told."""
        return (self.total - self.done) / self.rate if self.rate > 0 and not self.status.ended else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.status}, {self.done}/{self.total} steps)"

    def _repr_html_(self) -> str:
        return Facts(f"{type(self).__name__} {self.name}", self._facts())._repr_html_()

    def _facts(self) -> dict[str, object]:
        """What is known of it, in a few words each."""
        share = f" ({self.done / self.total:.0%})" if self.total else ""
        return {
            "status": self.status,
            "message": self.message,
            "progress": f"{self.done}/{self.total}{share}",
            "time": f"{self.wall_time:.1f} s" if self.wall_time else None,
        }

    def _live(self) -> None:
        self.status = RunStatus.RUNNING
        # Whoever sees that it has ended finds everything in place.
        self.status = self._drive()
        self._notify()
        self._over.set()

    def _notify(self) -> None:
        for watcher in list(self._watchers):
            try:
                watcher(self)
            except Exception:
                log.exception("a watcher of run %s failed; the run goes on", self.name)
