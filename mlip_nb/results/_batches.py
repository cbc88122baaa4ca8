"""Frames that wait to be joined: appending is cheap, joining is done when somebody asks."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from .schema import QUANTITIES, as_array, check_arrays


class Batches:
    """Frames as they came, all with the same names, shapes and types."""

    def __init__(self) -> None:
        self._batches: list[dict[str, np.ndarray]] = []
        self.length = 0

    @property
    def bytes(self) -> int:
        """Memory they hold."""
        return sum(array.nbytes for batch in self._batches for array in batch.values())

    def append(self, frames: Mapping[str, np.ndarray]) -> None:
        """Add copies of frames that `checked_frames` has seen."""
        batch = {name: array.copy() for name, array in frames.items()}
        self._batches.append(batch)
        self.length += frame_count(batch)

    def joined(self) -> dict[str, np.ndarray]:
        """One array per name; joined once, however often one asks."""
        if len(self._batches) > 1:
            names = self._batches[0]
            self._batches = [{name: np.concatenate([batch[name] for batch in self._batches]) for name in names}]
        return dict(self._batches[0]) if self._batches else {}


def frame_count(frames: Mapping[str, np.ndarray]) -> int:
    """How many frames these arrays hold."""
    return len(next(iter(frames.values())))


def agreeing(stored: Mapping[str, np.ndarray], frames: Mapping[str, np.ndarray]) -> int:
    """How many frames, from the first on, are the same in both to the last bit."""
    count = min(frame_count(stored), frame_count(frames))
    same = np.ones(count + 1, bool)
    same[count] = False
    for name, values in frames.items():
        same[:count] &= (_bytes(stored[name], count) == _bytes(values, count)).all(axis=1)
    return int(same.argmin())


def form_of(arrays: Mapping[str, Any]) -> dict[str, tuple]:
    """What all frames of one store share: shapes behind the first axis, and types."""
    return {name: (tuple(array.shape[1:]), np.dtype(array.dtype)) for name, array in arrays.items()}


def checked_frames(frames: Mapping[str, np.ndarray], form: Mapping[str, tuple] | None) -> dict[str, np.ndarray]:
    """Frames as arrays, once they fit the table and the form of those before.

    **Raises:** `InputError`, one line.
    """
    arrays = {name: as_array(values) for name, values in frames.items()}
    check_arrays(arrays)
    if not arrays:
        raise InputError("no arrays to append; name at least one quantity")
    for name in arrays:
        if QUANTITIES[name].dims[:1] != ("frame",):
            raise InputError(f"{name} has no frames; give it when the store is made")
    if form is not None and form_of(arrays) != form:
        raise InputError(_difference(form_of(arrays), form))
    return arrays


def _bytes(values: np.ndarray, count: int) -> np.ndarray:
    width = math.prod(values.shape[1:]) * values.dtype.itemsize
    return np.frombuffer(np.ascontiguousarray(values[:count]), np.uint8).reshape(count, width)


def _difference(new: Mapping[str, tuple], old: Mapping[str, tuple]) -> str:
    if missing := sorted(set(old) ^ set(new)):
        return f"every append brings the same quantities; {', '.join(missing)} came only sometimes"
    name = next(name for name in new if new[name] != old[name])
    return f"a frame of {name} is {_in_words(new[name])}; those before are {_in_words(old[name])}"


def _in_words(form: tuple) -> str:
    shape, dtype = form
    return f"{dtype} of shape {shape}"
