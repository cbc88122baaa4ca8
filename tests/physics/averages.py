"""Averages of correlated series, and how far they can be trusted."""

import numpy as np

_FEWEST = 32
"""Blocks needed for an error of the error below an eighth."""


def mean_and_error(series) -> tuple[float, float]:
    """The mean and its standard error: the largest that blocks of 1, 2, 4, ... neighbours give.

    Blocks are doubled while enough of them are left; for a series many correlation times long that is the plateau.

    ??? cite "Reference"
        H. Flyvbjerg, H. G. Petersen, *J. Chem. Phys.* **91**, 461 (1989), doi:10.1063/1.457480
    """
    blocks = np.asarray(series, float)
    mean, errors = blocks.mean(), []
    while len(blocks) >= _FEWEST:
        errors.append(blocks.std(ddof=1) / np.sqrt(len(blocks)))
        blocks = blocks[: len(blocks) // 2 * 2].reshape(-1, 2).mean(axis=1)
    return float(mean), float(max(errors))


def deviation(series, expected: float) -> float:
    """Distance of the mean from what is expected, in standard errors; with a sign."""
    mean, error = mean_and_error(series)
    return (mean - expected) / error


def ratio_and_error(numerator, denominator) -> tuple[float, float]:
    """Ratio of two means of one trajectory, to first order in their fluctuations."""
    ratio = float(np.mean(numerator) / np.mean(denominator))
    _, error = mean_and_error(np.asarray(numerator) - ratio * np.asarray(denominator))
    return ratio, error / abs(float(np.mean(denominator)))


def variance_and_error(series) -> tuple[float, float]:
    """The variance and its standard error."""
    return mean_and_error((np.asarray(series) - np.mean(series)) ** 2)
