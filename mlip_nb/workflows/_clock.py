"""Wall time: what is due, and how fast things go."""

import threading
import time

from .. import units
from ..errors import InputError

CHECKPOINT_SECONDS = 60.0
"""From one checkpoint to the next, unless somebody says otherwise."""
_RATE_SECONDS = 3.0


class Every:
    """Something due each time so many seconds have passed."""

    def __init__(self, seconds: float, *, at_once: bool = False):
        self._seconds = seconds
        self._last = -float("inf") if at_once else time.monotonic()

    @property
    def due(self) -> bool:
        """True when it is time; `done` starts the wait anew."""
        return time.monotonic() - self._last > self._seconds

    def done(self) -> None:
        """Wait from now on."""
        self._last = time.monotonic()

    def hurry(self) -> None:
        """Be due now."""
        self._last = -float("inf")


class Rate:
    """Steps per second over the last seconds."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []
        self._lock = threading.Lock()

    def mark(self, done: int) -> None:
        """So many steps are done now."""
        now = time.monotonic()
        with self._lock:
            recent = [mark for mark in self._marks if now - mark[0] < _RATE_SECONDS]
            self._marks = (recent or self._marks[-1:]) + [(now, done)]

    def forget(self) -> None:
        """Begin anew, after a pause."""
        with self._lock:
            self._marks = []

    def __call__(self) -> float:
        """Steps per second; 0 while unknown."""
        with self._lock:
            if len(self._marks) < 2:
                return 0.0
            (begin, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / max(end - begin, 1e-9)


def seconds(wall_time: float | str) -> float:
    """Wall time in seconds, from a number or text such as `"5min"`.

    **Raises:** `InputError` for what is no time, or none at all.
    """
    value = units.parse(wall_time, "s") if isinstance(wall_time, str) else float(wall_time)
    if not value > 0:
        raise InputError(f"checkpoint_every is wall time above zero (got {wall_time!r}); write for example '30s'")
    return value
