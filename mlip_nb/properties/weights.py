"""Averages in another state from samples of this one: by exponential weights, and to second order in the energies."""

from typing import Literal

import numpy as np

from ..errors import InputError
from .free_energy import Estimate, Series, forward, kish_share

Route = Literal["exponential", "cumulant"]
WIDEST = 1.5
"""Spread of the energy difference, in kT, beyond which exponential weights rest on too few samples."""


def reweighted(values: Series, work: Series, route: Route) -> Estimate:
    r"""The average of `values` in the state whose energies (kT) are `work` more.

    Exponential: $\langle A e^{-w} \rangle / \langle e^{-w} \rangle$. Cumulant:
    $\langle A \rangle - \operatorname{Cov}(A, w)$, exact where both are normal.
    """
    if route == "exponential":
        weights = np.exp(-(work - work.min()))
        mean = float(np.sum(weights * values) / np.sum(weights))
        return Estimate(mean, {0: weights * (values - mean) / weights.mean()})
    away, difference = values - values.mean(), work - work.mean()
    product = away * difference
    covariance = float(product.mean())
    return Estimate(float(values.mean()) - covariance, {0: away - (product - covariance)})


def free_energy(work: Series, route: Route) -> Estimate:
    r"""The difference of free energies, kT: $-\ln \langle e^{-w} \rangle$, or $\langle w \rangle - \tfrac12
    \operatorname{Var} w$."""
    if route == "exponential":
        return forward(work, 0)
    away = work - work.mean()
    return Estimate(float(work.mean() - away.var() / 2), {0: away - (away**2 - away.var()) / 2})


def response(values: Series, slopes: Series, work_slopes: Series) -> Estimate:
    r"""The derivative of an average with what changes its values by `slopes` and energies (kT) by `work_slopes`:
    $\langle A' \rangle - \operatorname{Cov}(A, w')$."""
    product = (values - values.mean()) * (work_slopes - work_slopes.mean())
    each = slopes - product
    return Estimate(float(each.mean()), {0: each - each.mean()})


def entropy_share(work: Series) -> float:
    r"""Share of the samples that carry the weights, $e^S/N$ with $S = -\sum p \ln p$; $e^{-s^2/2}$ where w is normal
    with a spread s."""
    weights = np.exp(-(work - work.min()))
    p = weights / weights.sum()
    return float(np.exp(-np.sum(p * np.log(np.maximum(p, 1e-300)))) / len(p))


def check_spread(work: Series, kT: float) -> None:
    """Refuse exponential weights where they would rest on few samples.

    **Raises:** `InputError` that says what the cumulant expansion gives.
    """
    if (spread := float(work.std())) > WIDEST:
        instead = free_energy(work, "cumulant")
        raise InputError(
            f"the energy difference spreads by {spread:.2g} kT, and exponential weights need {WIDEST} at most: they "
            f"would rest on {kish_share(work):.1%} of the frames; the cumulant expansion gives a free-energy "
            f"difference of {kT * instead.value:.4g} ± {kT * instead.error:.2g} eV: ask for it with route cumulant"
        )
