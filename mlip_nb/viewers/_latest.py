"""Sends the newest of many things to somebody who takes them one by one."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Latest(Generic[Thing]):
    """The newest of what is offered is sent when the one before was received, or after some patience.

    Nobody waits: what is offered too early is kept, and gives way to what is newer.
    """

    def __init__(self, send: Callable[[Thing], None], patience: float):
        self._send, self._patience = send, patience
        self._lock = threading.Lock()
        self._waiting: Thing | None = None
        self._due = 0.0

    def offer(self, thing: Thing, *, at_once: bool = False) -> None:
        """Send a thing now or later."""
        with self._lock:
            self._waiting = thing
            if at_once or time.monotonic() >= self._due:
                self._go()

    def received(self) -> None:
        """What was sent has arrived; send what came since."""
        with self._lock:
            self._due = 0.0
            if self._waiting is not None:
                self._go()

    def _go(self) -> None:
        thing, self._waiting = self._waiting, None
        self._due = time.monotonic() + self._patience
        if thing is not None:
            self._send(thing)
