"""Spread and outliers by medians, which the outliers themselves cannot move."""

import numpy as np

_NORMAL = 1.4826
"""Standard deviation of a normal distribution in units of its median absolute deviation."""


def robust_scores(values: np.ndarray, floor: float) -> np.ndarray:
    """Distance from the median in standard deviations; `floor` is the least that counts as one."""
    middle = np.median(values)
    return (values - middle) / max(_NORMAL * np.median(np.abs(values - middle)), floor)
