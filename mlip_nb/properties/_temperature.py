"""The one temperature of a run."""

import numpy as np
import xarray as xr

from .. import units
from ..errors import InputError


def constant_kT(data: xr.Dataset) -> float:
    """k_B T of a thermostat, eV.

    **Raises:** `InputError` for a run without one, with several replicas, or whose temperature was changed.
    """
    if "live_temperature" not in data:
        raise InputError("this Dataset does not say its temperature; make one with a thermostat")
    if "replica" in data.dims:
        raise InputError("this Dataset has several replicas; choose one, such as ds.isel(replica=0)")
    kelvin, *others = np.unique(data["live_temperature"])
    if others:
        raise InputError("the temperature was changed while this ran; averages need one temperature")
    return float(units.to_internal(float(kelvin), "K"))
