"""Averages with both parts of their error: that of few samples, and that of a potential that is unsure of itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from .free_energy import Estimate, kish_share
from .weights import Route, reweighted


@dataclass(frozen=True)
class Propagated:
    r"""A number with its errors: variances add up, $\sigma^2 = \sigma_{stat}^2 + \sigma_{model}^2$."""

    value: float
    """Mean over the members."""
    statistical: float
    """Standard error of that mean, with the correlation of frames."""
    model: float
    """Standard deviation over members, less what few samples add to it."""
    members: Float[np.ndarray, " members"]
    """What each of them gives."""

    @property
    def total(self) -> float:
        """Of a potential that might be any of the members, from so many samples."""
        return float(np.hypot(self.statistical, self.model))


def propagated(
    values: Float[np.ndarray, "members frame"], works: Float[np.ndarray, "members frame"], route: Route = "cumulant"
) -> Propagated:
    r"""The average of an observable in each member's own ensemble, from the frames of one run.

    `values` are those of each member (rows that are the same for an observable of positions), `works` are
    $\beta (V_m - V)$ with $V$ what moved the atoms. Cumulant: $a_m = \langle a \rangle - \beta \operatorname{Cov}(a,
    V_m - V)$; exponential: exact weights.

    **Raises:** `InputError` for fewer than two members.

    ??? cite "Reference"
        G. Imbalzano, Y. Zhuang, V. Kapil, K. Rossi, E. A. Engel, F. Grasselli, M. Ceriotti, *J. Chem. Phys.* **154**,
        074102 (2021), doi:10.1063/5.0036522
    """
    return split_variance([reweighted(own, work, route) for own, work in zip(values, works, strict=True)])


def split_variance(found: Sequence[Estimate]) -> Propagated:
    """What members say of one number; estimates that owe something to the same run know of it.

    **Raises:** `InputError` for fewer than two members.
    """
    count = len(found)
    if count < 2:
        raise InputError(f"{count} member says nothing of how unsure the potential is; take a committee")
    members = np.array([one.value for one in found])
    mean = _sum(found) * (1 / count)
    # What scatters because of few samples alone, were all members the same.
    noise = sum((one + mean * -1.0).error ** 2 for one in found) / (count - 1)
    model = float(np.sqrt(max(members.var(ddof=1) - noise, 0.0)))
    return Propagated(float(members.mean()), mean.error, model, members)


def committee_shares(works: Float[np.ndarray, "members frame"]) -> Float[np.ndarray, " members"]:
    """Share of the frames that carry each member's weights (Kish)."""
    return np.array([kish_share(work) for work in works])


def _sum(found: Sequence[Estimate]) -> Estimate:
    total = found[0]
    for one in found[1:]:
        total = total + one
    return total
