"""Every Dataset has `ds.mlip` from the moment this room is imported."""

import importlib

import xarray as xr


@xr.register_dataset_accessor("mlip")
def _face(dataset: xr.Dataset) -> object:
    # By name, when somebody asks: the accessor may know every room, and this room none above it.
    return importlib.import_module("mlip_nb.accessor").MlipAccessor(dataset)
