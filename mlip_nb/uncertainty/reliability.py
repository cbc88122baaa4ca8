"""How well uncertainties describe errors: a few numbers, and the diagram of coverage."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import chi2

LEVELS = np.linspace(0, 1, 101)
"""Shares at which the diagram is drawn."""
_BINS = 20


@dataclass(frozen=True)
class Reliability:
    r"""Of errors with $d$ components and one standard deviation $\sigma$ for each of them."""

    observed: Float[np.ndarray, " levels"]
    r"""Share of errors inside the balls that should hold each of `LEVELS`: $|e|^2 \le \sigma^2 \chi^2_d(p)$."""
    miscalibration_area: float
    r"""$\int |p_{observed} - p| dp$ between diagram and diagonal: 0 is best, 1/2 is worst."""
    calibration_error: float
    """Expected calibration error (ECE): the mean of the same over `LEVELS` between 0 and 1."""
    normalised_error: float
    r"""Expected normalised calibration error (ENCE): mean of $|RMV - RMSE|/RMV$ over bins of equal numbers by
    $\sigma$."""
    negative_log_likelihood: float
    """Of normal errors, per component."""
    sharpness: float
    r"""Mean of $\sigma$: of two that are calibrated, the smaller one tells more."""
    variance_ratio: float
    r"""$\langle |e|^2/(d \sigma^2) \rangle$: 1 for what is calibrated."""
    correlation: float
    r"""Spearman's, of $\sigma$ with $|e|$: whether it sorts errors, whatever its units."""


def reliability(sigma: Float[np.ndarray, " labels"], errors: Float[np.ndarray, "labels components"]) -> Reliability:
    """Of uncertainties that are standard deviations, all positive.

    ??? cite "Reference"
        V. Kuleshov, N. Fenner, S. Ermon, ICML (2018), arXiv:1807.00263 (diagram);
        D. Levi et al., *Sensors* **22**, 5540 (2022), doi:10.3390/s22155540 (ENCE);
        K. Tran et al., *Mach. Learn.: Sci. Technol.* **1**, 025006 (2020), doi:10.1088/2632-2153/ab7e1a (area)
    """
    components = errors.shape[1]
    square = np.sum(errors**2, axis=1)
    # Share of the normal law that is nearer than the error: uniform for what is calibrated.
    shares = np.sort(chi2.cdf(square / sigma**2, components))
    observed = np.searchsorted(shares, LEVELS, side="right") / len(shares)
    likelihood = 0.5 * np.log(2 * np.pi * sigma**2) + square / (2 * components * sigma**2)
    return Reliability(
        observed=observed,
        miscalibration_area=_area(shares),
        calibration_error=float(np.mean(np.abs(observed - LEVELS)[1:-1])),
        normalised_error=_normalised_error(sigma, square / components),
        negative_log_likelihood=float(likelihood.mean()),
        sharpness=float(sigma.mean()),
        variance_ratio=float(np.mean(square / sigma**2) / components),
        correlation=_correlation(sigma, square),
    )


def _area(shares: Float[np.ndarray, " labels"]) -> float:
    """Exactly: the observed share is a staircase, and |stair - p| integrates to two triangles where they cross."""
    edges = np.concatenate([[0.0], shares, [1.0]])
    stairs = np.linspace(0, 1, len(shares) + 1)
    below, above = edges[:-1] - stairs, edges[1:] - stairs
    same_side = below * above >= 0
    whole = 0.5 * np.abs(above**2 - below**2)
    return float(np.sum(np.where(same_side, whole, 0.5 * (below**2 + above**2))))


def _normalised_error(sigma: np.ndarray, square: np.ndarray) -> float:
    bins = np.array_split(np.argsort(sigma), min(_BINS, len(sigma)))
    spread = np.sqrt([np.mean(sigma[one] ** 2) for one in bins])
    error = np.sqrt([np.mean(square[one]) for one in bins])
    return float(np.mean(np.abs(spread - error) / spread))


def _correlation(sigma: np.ndarray, square: np.ndarray) -> float:
    """0 where one of them does not vary."""
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(sigma), rankdata(square)])
    return float(np.corrcoef(ranks)[0, 1]) if np.ptp(ranks, axis=1).all() else 0.0
