"""How a store is laid out: arrays, chunks, codec, and a new store put in place in one piece."""

import json
import math
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import BloscCodec

from ..errors import StorageError
from ._commit import ASIDE, arrays_of, commit, explained, is_ours, new_root
from ._files import Files, make_durable
from ._lock import WriterLock
from .schema import QUANTITIES, build_dataset, plain_attrs

CHUNK_BYTES = 2e6
"""Of the size that disks and dask like; a frame larger than that is a chunk by itself."""
_MOST_FRAMES = 4096
"""Frames in a chunk of small arrays: the open chunk is written again at every flush, so it must stay light."""


def create_layout(path: Path, constants: Mapping[str, object], attrs: Mapping[str, object]) -> None:
    """A store without frames, at a path that is free."""
    files, root = Files(path), new_root(plain_attrs(attrs))
    try:
        zarr.create_group(files, path=ASIDE)
        add_arrays(files, root, build_dataset(constants))
        commit(files, root)
    except OSError:
        files.discard()
        raise


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse a path where no store can be put, before anything is written.

    **Raises:** `StorageError` that names the path and the ways out.
    """
    with explained(path):
        taken, has_folder = path.exists(), path.parent.is_dir()
    if path.parent.is_file():
        raise StorageError(f"cannot write {path}: {path.parent} is a file, not a folder; choose another path")
    if not has_folder:
        raise StorageError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if taken and not is_ours(path):
        raise StorageError(f"{path} exists, is not a store of mlip_nb, and is never overwritten; choose another path")
    if taken and not overwrite:
        raise StorageError(
            f"{path} exists already; --overwrite replaces it, --append continues its run "
            "(overwrite=True or append=True in Python)"
        )


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A free path beside `path`; what was written there takes the place of `path` at the end, unless there is an error.

    **Raises:** `StorageError` when `path` is in use or cannot be written; whatever was there is untouched then.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with explained(path):
        try:
            yield draft
            _put_in_place(draft, path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def add_arrays(files: Files, root: dict, variables: xr.Dataset) -> None:
    """Write variables and tell `root` about them; neither is committed.

    Variables along frames start empty, whatever the length of those given.
    """
    for name, variable in ((str(name), variable) for name, variable in variables.variables.items()):
        if name not in arrays_of(root):
            arrays_of(root)[name] = _create_array(files, name, variable)
    coordinates = sorted(name for name in arrays_of(root) if name in QUANTITIES and QUANTITIES[name].coordinate)
    # The CF convention by which xarray tells coordinates from data.
    root["attributes"]["coordinates"] = " ".join(coordinates)


def _put_in_place(draft: Path, path: Path) -> None:
    if not path.exists():
        draft.rename(path)
        make_durable(path.parent)
        return
    old = draft.with_name(f"{draft.name}.old")
    lock = WriterLock(path / ASIDE / "zarr.json", path)
    try:
        path.rename(old)
        draft.rename(path)
    finally:
        lock.release()
    make_durable(path.parent)
    shutil.rmtree(old)


def _create_array(files: Files, name: str, variable: xr.Variable) -> dict:
    """Make an array. **Returns:** its metadata."""
    grows = variable.dims[:1] == ("frame",)
    is_text = variable.dtype.kind == "U"
    # Fixed-width text has no specification in Zarr 3, variable-width text has.
    dtype = np.dtypes.StringDType() if is_text else variable.dtype
    shape = (0, *variable.shape[1:]) if grows else variable.shape
    array = zarr.create_array(
        files,
        name=name,
        shape=shape,
        chunks=_chunks(variable) if grows else shape,
        dtype=dtype,
        dimension_names=[str(dim) for dim in variable.dims],
        attributes=dict(variable.attrs),
        # A chunk that got lost must not look like numbers.
        fill_value=np.nan if dtype.kind == "f" else None,
        # All chunks of an array in one folder: nothing but files to make durable.
        chunk_key_encoding={"name": "default", "separator": "."},
        compressors="auto" if is_text else BloscCodec(cname="lz4", shuffle="shuffle"),
        # A killed writer may have left arrays that no root vouches for.
        overwrite=True,
    )
    if not grows:
        array[...] = variable.values.astype(dtype)
    # As JSON has it, with lists in place of tuples.
    return json.loads(json.dumps(array.metadata.to_dict()))


def _chunks(variable: xr.Variable) -> tuple[int, ...]:
    bytes_per_frame = math.prod(variable.shape[1:]) * variable.dtype.itemsize
    frames = int(np.clip(CHUNK_BYTES // bytes_per_frame, 1, _MOST_FRAMES))
    return (frames, *variable.shape[1:])
