"""Frames on disk, in a Zarr store that is readable at every moment."""

import copy
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from ..errors import InputError, StorageError
from ._abstract import AbstractStore
from ._batches import Batches, agreeing, checked_frames, form_of, frame_count
from ._checkpoint import draft_checkpoint, frames_before, read_checkpoint
from ._commit import ASIDE, FORMAT, arrays_of, check_version, commit, committed_length, explained, grows, read_root
from ._files import Files
from ._layout import add_arrays, check_target, create_layout, draft_of
from ._lock import WriterLock
from ._reader import open_store
from .schema import LABELS, build_dataset, plain_attrs

_FLUSH_SECONDS = 2.0
_FLUSH_BYTES = 32e6
"""Frames wait in memory until they are this old or this many, so that a chunk is rarely written twice."""
_FLUSH_SHARE = 0.05
"""A slow disk gets its frames less often, so that a run does not wait for it more than this share of its time."""


class ZarrStore(AbstractStore):
    """A store that survives whatever happens to its writer. Made by `create` or `reopen`."""

    def __init__(self, path: Path, root: dict, lock: WriterLock):
        self._path = path
        self._files = Files(path)
        self._root = root
        self._writer = lock
        self._arrays = {name: self._opened(name) for name, array in arrays_of(root).items() if grows(array)}
        self._form = form_of(self._arrays) or None
        self._committed = committed_length(root)
        self._waiting = Batches()
        self._repeated: int | None = None
        self._due: float | None = None
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
        path = Path(path).expanduser()
        check_target(path, overwrite=overwrite)
        with draft_of(path) as draft:
            create_layout(draft, constants, attrs)
        return cls.reopen(path)

    @classmethod
    def reopen(cls, path: Path | str) -> "ZarrStore":
        """The store at `path`, ready for more frames after those committed.

        **Raises:** `StorageError` when there is none, it is in use, or another version wrote it.
        """
        path = Path(path).expanduser()
        if FORMAT not in read_root(path)["attributes"]:
            raise StorageError(f"{path} was not written by mlip_nb and cannot be continued; save to a new path")
        check_version(path, read_root(path), to_continue=True)
        with explained(path):
            lock = WriterLock(path / ASIDE / "zarr.json", path)
            # Read again: another writer may have ended between the first look and the lock.
            return cls(path, read_root(path), lock)

    @property
    def length(self) -> int:
        """Frames appended so far, those waiting to be written included."""
        with self._lock:
            return self._committed + self._waiting.length

    @property
    def names(self) -> frozenset[str] | None:
        """Quantities that its frames have; None before the first."""
        with self._lock:
            return None if self._form is None else frozenset(self._form)

    def append(self, frames: Mapping[str, np.ndarray]) -> None:
        """Add frames; see `AbstractStore`. They are on disk after `flush`, or by themselves a little later."""
        with self._lock:
            self._check_open()
            arrays = self._without_repeated(checked_frames(frames, self._form))
            if self._form is None:
                self._begin(arrays)
            self._waiting.append(arrays)
            if self._due is None:
                # Never at once: the first frames are committed together with the first checkpoint.
                self._due = time.monotonic() + _FLUSH_SECONDS
            elif self._waiting.bytes > _FLUSH_BYTES or time.monotonic() > self._due:
                self.flush()

    def dataset(self) -> xr.Dataset:
        """Everything appended so far, read lazily; of a store that is closed, everything committed."""
        if not self._closed:
            self.flush()
        return open_store(self._path)

    def update_attrs(self, attrs: Mapping[str, object]) -> None:
        """Set attributes; those not named stay."""
        with self._transaction():
            self._commit(self._committed, plain_attrs(attrs))

    def flush(self) -> None:
        """Write what waits, then commit it.

        **Raises:** `StorageError` when the disk refuses; what was committed before stays readable, and what waits is
        written by the next call that succeeds.
        """
        with self._lock:
            if self._waiting.length:
                self._flush({})

    def rewind(self) -> None:
        """Let the frames after the checkpoint come once more.

        Those that come out the same stay as they are, the first that does not takes the place of all that follow.
        """
        with self._lock:
            before = frames_before(self._root["attributes"])
            self._repeated = before if before < self._committed else None

    def close(self) -> None:
        """Flush and let others write; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            try:
                self.flush()
            finally:
                self._closed = True
                self._writer.release()

    def write_checkpoint(self, data: bytes, attrs: Mapping[str, object]) -> None:
        """Flush, replace the checkpoint and set attributes; see `AbstractStore`."""
        with self._transaction():
            frames = self.length if self._repeated is None else self._repeated
            named = draft_checkpoint(self._files, self._root["attributes"], data, frames)
            self._flush(plain_attrs(attrs) | named)

    def read_checkpoint(self) -> bytes | None:
        """The newest checkpoint, if there is one.

        **Raises:** `StorageError` when it is damaged.
        """
        return read_checkpoint(self._path, self._root["attributes"])

    def _without_repeated(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Frames that are not stored yet; a stored one that came out otherwise is forgotten, with all after it."""
        if self._repeated is None:
            return arrays
        known = slice(self._repeated, min(self._repeated + frame_count(arrays), self._committed))
        stored = {name: np.asarray(self._arrays[name][known]) for name in arrays}
        same = agreeing(stored, arrays)
        self._repeated += same
        if self._repeated < known.stop:
            with self._transaction():
                self._commit(self._repeated, {})
        if self._repeated == self._committed:
            self._repeated = None
        return {name: values[same:] for name, values in arrays.items()}

    def _begin(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Make the arrays of frames, when the first ones show their shapes."""
        constants = {name: self._opened(name)[...] for name in arrays_of(self._root) if name not in LABELS}
        skeleton = build_dataset({**constants, **arrays})
        root = copy.deepcopy(self._root)
        with self._transaction():
            add_arrays(self._files, root, skeleton)
            self._files.publish()
        self._root = root
        self._arrays = {name: self._opened(name) for name in arrays}
        self._form = form_of(arrays)

    def _flush(self, attributes: Mapping[str, Any]) -> None:
        began = time.monotonic()
        # Also when it fails: a full disk is not asked again and again.
        self._due = began + _FLUSH_SECONDS
        with self._transaction():
            end = self.length
            for name, values in self._waiting.joined().items():
                array = self._arrays[name]
                array.resize((end, *array.shape[1:]))
                array[self._committed : end] = values
            self._commit(end, attributes)
            self._waiting = Batches()
        self._due = time.monotonic() + max(_FLUSH_SECONDS, (time.monotonic() - began) / _FLUSH_SHARE)

    def _commit(self, length: int, attributes: Mapping[str, Any]) -> None:
        """Vouch for that many frames of every array, which are complete, and for new attributes."""
        root = copy.deepcopy(self._root)
        root["attributes"] |= attributes
        for name in self._arrays:
            arrays_of(root)[name]["shape"][0] = length
        commit(self._files, root)
        self._root, self._committed = root, length

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Whatever is written inside is committed, or as good as never written."""
        with self._lock, explained(self._path):
            self._check_open()
            try:
                yield
            except BaseException:
                self._files.discard()
                raise

    def _opened(self, name: str) -> zarr.Array:
        return zarr.open_array(self._files, path=name, mode="r+")

    def _check_open(self) -> None:
        if self._closed:
            raise InputError(f"{self._path} is closed; open it again with ZarrStore.reopen")
