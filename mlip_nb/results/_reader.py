"""Reading a store."""

from pathlib import Path

import xarray as xr

from ..errors import StorageError
from ._commit import CHECKPOINT, FORMAT, check_version, read_root
from .schema import as_array


def open_store(path: Path | str) -> xr.Dataset:
    """The Dataset of a saved run: variables are read when they are used, coordinates at once.

    A run that is still going on, or was killed, shows every frame it has committed.

    **Raises:** `StorageError` when there is no readable store, or a newer version wrote it.
    """
    path = Path(path).expanduser()
    root = read_root(path)
    check_version(path, root)
    try:
        dataset = xr.open_zarr(path, chunks={}, consolidated="consolidated_metadata" in root)
        coordinates = {name: _loaded(coordinate) for name, coordinate in dataset.coords.items()}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    # How arrays were packed here must not decide how they are packed elsewhere, in a NetCDF file for example.
    dataset = dataset.assign_coords(coordinates).drop_encoding()
    for own in (FORMAT, CHECKPOINT):
        dataset.attrs.pop(own, None)
    return dataset


def has_checkpoint(path: Path) -> bool:
    """True for a store whose run can be continued."""
    return CHECKPOINT in read_root(path)["attributes"]


def _loaded(coordinate: xr.DataArray) -> xr.Variable:
    return xr.Variable(coordinate.dims, as_array(coordinate.values), coordinate.attrs)
