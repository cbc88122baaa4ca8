"""Time series thinned to what a screen can show, without losing a peak."""

import numpy as np

CAPACITY = 4096
"""Columns kept. More than the pixels of a plot, few enough to send: 4096 columns of six rows are 100 kB."""
_TAIL = 128
"""Columns that are sent anew with every update; older ones are sent when these are full."""


class Traces:
    """Rows of equal length that grow to the right. The first row is the common abscissa.

    Once there are more than `CAPACITY` columns, every four become two that keep the smallest and the largest value of
    each row in the order they came; so the picture is the same, and so is its cost, however long the run.
    """

    def __init__(self, rows: int):
        self._columns = np.empty((rows, 0), np.float32)
        self._waiting = np.empty((rows, 0), np.float32)
        self._width = 1
        self._sent = 0

    @property
    def columns(self) -> np.ndarray:
        """All that is kept, `[rows, columns]`."""
        return np.concatenate([self._columns, self._waiting], axis=1)

    @property
    def past(self) -> bytes:
        """The columns that rarely change, row after row."""
        return self._columns[:, : self._sent].tobytes()

    @property
    def recent(self) -> bytes:
        """The columns after `past`, row after row."""
        return self.columns[:, self._sent :].tobytes()

    def append(self, columns: np.ndarray) -> None:
        """Add columns `[rows, new]`."""
        self._waiting = np.concatenate([self._waiting, columns.astype(np.float32)], axis=1)
        whole = self._waiting.shape[1] // (2 * self._width) * 2 * self._width
        ready, self._waiting = np.split(self._waiting, [whole], axis=1)
        self._columns = np.concatenate([self._columns, extremes(ready, self._width)], axis=1)
        while self._columns.shape[1] > CAPACITY:
            self._halve()
        if self._columns.shape[1] - self._sent > _TAIL:
            self._sent = self._columns.shape[1]

    def _halve(self) -> None:
        whole = self._columns.shape[1] // 4 * 4
        # What does not fill four columns is at most two of them: they stay as they are, a little finer than the rest.
        self._columns = np.concatenate([extremes(self._columns[:, :whole], 2), self._columns[:, whole:]], axis=1)
        self._width *= 2
        self._sent = self._columns.shape[1]


def extremes(columns: np.ndarray, width: int) -> np.ndarray:
    """Every `2 * width` columns as two: smallest and largest value of each row, in the order they came."""
    if width == 1 or not columns.shape[1]:
        return columns
    groups = columns.reshape(len(columns), -1, 2 * width)
    low, high = groups.argmin(axis=2), groups.argmax(axis=2)
    first, second = np.minimum(low, high), np.maximum(low, high)
    both = np.take_along_axis(groups, np.stack([first, second], axis=2), axis=2)
    # The abscissa rises, so its own extremes are the two ends of each group.
    return both.reshape(len(columns), -1)
