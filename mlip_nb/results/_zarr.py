"""Frames on disk, in a Zarr store that is readable at every moment."""

import math
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from ..errors import InputError, StorageError
from ._abstract import AbstractStore
from ._batches import Batches, checked_frames, form_of
from ._commit import ASIDE, FORMAT, arrays_of, committed_length, explained, read_root, replace_file, write_root
from ._layout import add_arrays, check_target, create_layout, draft_of
from ._lock import WriterLock
from ._reader import open_store
from .schema import LABELS, build_dataset, plain_attrs

_FLUSH_SECONDS = 2.0
_FLUSH_BYTES = 32e6
"""Frames wait in memory until they are this old or this many, so that a chunk is rarely written twice."""


class ZarrStore(AbstractStore):
    """A store that survives whatever happens to its writer. Made by `create` or `reopen`."""

    def __init__(self, path: Path, root: dict, lock: WriterLock):
        self._path = path
        self._root = root
        self._writer = lock
        self._arrays = {name: _opened(path, name) for name, array in arrays_of(root).items() if _grows(array)}
        self._form = form_of(self._arrays) or None
        self._committed = committed_length(root)
        self._waiting = Batches()
        self._flushed = -math.inf
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path | str,
        constants: Mapping[str, object],
        attrs: Mapping[str, object],
        *,
        overwrite: bool = False,
    ) -> "ZarrStore":
        """A new store; `constants` are quantities without frames: what the atoms are.

        **Raises:** `StorageError` when the path cannot be written, is taken, or is in use; `overwrite` replaces a
        store of ours, and nothing else.
        """
        path = Path(path)
        check_target(path, overwrite=overwrite)
        with draft_of(path) as draft:
            create_layout(draft, constants, attrs)
        return cls.reopen(path)

    @classmethod
    def reopen(cls, path: Path | str) -> "ZarrStore":
        """The store at `path`, ready for more frames after those committed.

        **Raises:** `StorageError` when there is none, or it is in use.
        """
        path = Path(path)
        if FORMAT not in read_root(path)["attributes"]:
            raise StorageError(f"{path} was not written by mlip_nb and cannot be continued; save to a new path")
        with explained(path):
            lock = WriterLock(path / ASIDE / "zarr.json", path)
            # Read again: another writer may have ended between the first look and the lock.
            return cls(path, read_root(path), lock)

    @property
    def length(self) -> int:
        """Frames appended so far, those waiting to be written included."""
        with self._lock:
            return self._committed + self._waiting.length

    def append(self, frames: Mapping[str, np.ndarray]) -> None:
        """Add frames; see `AbstractStore`. They are on disk after `flush`, or by themselves a little later."""
        with self._lock:
            self._check_open()
            arrays = checked_frames(frames, self._form)
            if self._form is None:
                self._begin(arrays)
            self._waiting.append(arrays)
            if self._waiting.bytes > _FLUSH_BYTES or time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self.flush()

    def dataset(self) -> xr.Dataset:
        """Everything appended so far, read lazily."""
        self.flush()
        return open_store(self._path)

    def update_attrs(self, attrs: Mapping[str, object]) -> None:
        """Set attributes; those not named stay."""
        with self._lock, explained(self._path):
            self._check_open()
            self._root["attributes"] |= plain_attrs(attrs)
            write_root(self._path, self._root)

    def flush(self) -> None:
        """Write what waits, then commit it.

        **Raises:** `StorageError` when the disk refuses; what was committed before stays readable, and what waits is
        written by the next call that succeeds.
        """
        with self._lock, explained(self._path):
            self._flushed = time.monotonic()
            if not self._waiting.length:
                return
            end = self.length
            for name, values in self._waiting.joined().items():
                array = self._arrays[name]
                array.resize((end, *array.shape[1:]))
                array[self._committed : end] = values
            self._commit(end)
            self._waiting = Batches()

    def truncate(self, length: int) -> None:
        """Forget the frames from `length` on: a continuation takes another way from there."""
        with self._lock, explained(self._path):
            self.flush()
            if length < self._committed:
                self._commit(length)

    def close(self) -> None:
        """Flush and let others write; a second call does nothing."""
        with self._lock:
            try:
                self.flush()
            finally:
                self._closed = True
                self._writer.release()

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the checkpoint, in one piece."""
        with self._lock, explained(self._path):
            replace_file(self._checkpoint, data, draft=self._checkpoint.with_suffix(".partial"))

    def read_checkpoint(self) -> bytes | None:
        """The newest checkpoint, if there is one."""
        return self._checkpoint.read_bytes() if self._checkpoint.exists() else None

    @property
    def _checkpoint(self) -> Path:
        return self._path / ASIDE / "checkpoint"

    def _begin(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Make the arrays of frames, when the first ones show their shapes."""
        constants = {name: _opened(self._path, name)[...] for name in arrays_of(self._root) if name not in LABELS}
        skeleton = build_dataset({**constants, **arrays})
        with explained(self._path):
            add_arrays(self._path, self._root, skeleton)
        self._arrays = {name: _opened(self._path, name) for name in arrays}
        self._form = form_of(arrays)

    def _commit(self, length: int) -> None:
        """Vouch for that many frames of every array; they are complete."""
        for name in self._arrays:
            arrays_of(self._root)[name]["shape"][0] = length
        write_root(self._path, self._root)
        self._committed = length

    def _check_open(self) -> None:
        if self._closed:
            raise InputError(f"{self._path} is closed; open it again with ZarrStore.reopen")


def _opened(path: Path, name: str) -> zarr.Array:
    return zarr.open_array(path, path=name, mode="r+")


def _grows(metadata: Mapping) -> bool:
    return metadata["dimension_names"][0] == "frame"
