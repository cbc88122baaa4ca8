"""What thermal averages add to an iteration of a design."""

import numpy as np

from ..design import Outcome


def thermal_row(found: Outcome) -> dict[str, np.ndarray]:
    """Averages and their slopes with errors; nothing without a temperature."""
    if (told := found.thermal) is None:
        return {}
    row = {
        "sample_share": found.share,
        "average_value": told.value,
        "average_error": told.error,
        "average_slope": told.slope,
        "average_slope_error": told.slope_error,
    }
    return {name: np.asarray(values) for name, values in row.items()}


def averaged(found: Outcome) -> list[str]:
    """Names along the axis of averages: the objective first; arrays have one for each of their numbers."""
    names = ["objective"]
    for name, values in sorted(found.means.items()):
        count = np.asarray(values)[0].size
        names += [name] if np.ndim(values) == 1 else [f"{name} {place}" for place in range(count)]
    return names
