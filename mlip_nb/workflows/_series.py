"""Time series that grow while somebody looks at them."""

import threading
from collections.abc import Mapping

import numpy as np

_ROOM = 1024


class Series:
    """Named columns that grow together. Looking costs nothing, however long they are."""

    def __init__(self) -> None:
        self._columns: dict[str, np.ndarray] = {}
        self._length = 0
        self._lock = threading.Lock()

    def append(self, values: Mapping[str, np.ndarray]) -> None:
        """Add values: the same names every time, and as many of each."""
        new = len(next(iter(values.values()), ()))
        if not new:
            return
        with self._lock:
            end = self._length + new
            for name, column in values.items():
                self._columns[name] = _with_room(self._columns.get(name), column, end)
                self._columns[name][self._length : end] = column
            self._length = end

    def __call__(self) -> dict[str, np.ndarray]:
        """Everything so far; what comes later does not change it."""
        with self._lock:
            return {name: column[: self._length] for name, column in self._columns.items()}


def _with_room(old: np.ndarray | None, like: np.ndarray, length: int) -> np.ndarray:
    """Doubled when full, so that growing costs no more than the values themselves."""
    if old is not None and len(old) >= length:
        return old
    new = np.empty((max(2 * length, _ROOM), *like.shape[1:]), like.dtype)
    if old is not None:
        new[: len(old)] = old
    return new
