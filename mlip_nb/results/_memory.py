"""Frames in memory."""

import threading
from collections.abc import Mapping

import numpy as np
import xarray as xr

from ._abstract import AbstractStore
from ._batches import Batches, checked_frames, form_of
from .schema import as_array, build_dataset, check_arrays, plain_attrs


class MemoryStore(AbstractStore):
    """A store for runs that are not saved: same interface, nothing on disk.

    `constants` are quantities without frames: what the atoms are.
    """

    def __init__(self, constants: Mapping[str, object], attrs: Mapping[str, object]):
        self._constants = {name: as_array(values) for name, values in constants.items()}
        check_arrays(self._constants)
        self._attrs = plain_attrs(attrs)
        self._batches = Batches()
        self._form: dict[str, tuple] | None = None
        self._checkpoint: bytes | None = None
        self._lock = threading.RLock()

    @property
    def length(self) -> int:
        """Frames appended so far."""
        return self._batches.length

    @property
    def names(self) -> frozenset[str] | None:
        """Quantities that its frames have; None before the first."""
        return None if self._form is None else frozenset(self._form)

    def append(self, frames: Mapping[str, np.ndarray]) -> None:
        """Add frames; see `AbstractStore`."""
        with self._lock:
            arrays = checked_frames(frames, self._form)
            check_arrays({**self._constants, **arrays})
            self._form = form_of(arrays)
            self._batches.append(arrays)

    def dataset(self) -> xr.Dataset:
        """Everything appended so far."""
        with self._lock:
            return build_dataset({**self._constants, **self._batches.joined()}, attrs=self._attrs)

    def update_attrs(self, attrs: Mapping[str, object]) -> None:
        """Set attributes; those not named stay."""
        with self._lock:
            self._attrs |= plain_attrs(attrs)

    def flush(self) -> None:
        """Nothing to do: memory ends with the process."""

    def close(self) -> None:
        """Nothing to do."""

    def write_checkpoint(self, data: bytes, attrs: Mapping[str, object]) -> None:
        """Keep the checkpoint."""
        with self._lock:
            self._checkpoint = data
            self.update_attrs(attrs)

    def read_checkpoint(self) -> bytes | None:
        """The newest checkpoint, if there is one."""
        return self._checkpoint
