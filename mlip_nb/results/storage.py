"""Where results live: in memory while nobody saves them, on disk otherwise; and how one becomes the other."""

import shutil
from pathlib import Path

import numpy as np
import xarray as xr

from ..errors import StorageError
from ._abstract import AbstractStore
from ._commit import ASIDE
from ._layout import check_target, draft_of
from ._lock import WriterLock
from ._memory import MemoryStore
from ._reader import has_checkpoint, open_store
from ._zarr import ZarrStore
from .schema import LABELS, QUANTITIES

__all__ = [
    "AbstractStore",
    "MemoryStore",
    "ZarrStore",
    "has_checkpoint",
    "is_being_written",
    "open_store",
    "remove_store",
    "save_dataset",
]

_FRAMES_AT_ONCE = 256
"""Frames read at once, so that a Dataset larger than memory can be saved."""


def is_being_written(path: Path) -> bool:
    """True while a run somewhere on this machine writes to a store of ours."""
    try:
        WriterLock(path / ASIDE / "zarr.json", path).release()
    except StorageError:
        return True
    except OSError:
        # Read-only, or not whole: nobody writes there.
        return False
    return False


def remove_store(path: Path) -> None:
    """Delete a store of ours.

    **Raises:** `StorageError` for anything else, and for a store that a run is writing.
    """
    check_target(path, overwrite=True)
    WriterLock(path / ASIDE / "zarr.json", path).release()
    shutil.rmtree(path)


def save_dataset(dataset: xr.Dataset, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a Dataset of ours to a store that `open_store` reads.

    **Raises:** `StorageError` as `ZarrStore.create`; `InputError` for variables the table of quantities does not have.
    """
    path = Path(path).expanduser()
    check_target(path, overwrite=overwrite)
    quantities = [str(name) for name in dataset.variables if name not in LABELS]
    frames = [name for name in quantities if dataset[name].dims[:1] == ("frame",)]
    constants = {name: _whole(dataset[name]) for name in quantities if name not in frames}
    # The Dataset may be read from the very store that it replaces.
    with draft_of(path) as draft:
        store = ZarrStore.create(draft, constants, dataset.attrs)
        try:
            for start in range(0, dataset.sizes.get("frame", 0) if frames else 0, _FRAMES_AT_ONCE):
                piece = dataset.isel(frame=slice(start, start + _FRAMES_AT_ONCE)).compute()
                store.append({name: piece[name].values for name in frames})
        finally:
            store.close()


def _whole(variable: xr.DataArray) -> np.ndarray | xr.Variable:
    """With its dims where they are not those that the table says."""
    dims = QUANTITIES[str(variable.name)].dims_of(variable.ndim)
    return variable.values if variable.dims == dims else variable.variable
