"""How far thermal averages of a design can be trusted."""

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


def thermal_errors(data: "xr.Dataset") -> dict[str, np.ndarray]:
    """Standard errors of averages, by the names that the attribute `averaged` has; empty without a temperature."""
    names = json.loads(data.attrs.get("averaged", "[]"))
    return {name: data["average_error"].isel(thermal_average=place).values for place, name in enumerate(names)}
