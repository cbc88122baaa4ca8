"""Free-energy differences from energies that samples of one state would have in another; all in units of kT."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import expit, logsumexp

from .averages import average

Series = Float[np.ndarray, " frame"]


@dataclass(frozen=True)
class Estimate:
    """A number found from the averages of independent runs."""

    value: float
    influences: Mapping[float, Series] = field(default_factory=dict)
    """Run, by a number of its own -> what each of its frames adds, to first order, about zero: the errors of their
    means are that of the value."""

    @property
    def error(self) -> float:
        """Standard error, with the correlation of frames within a run."""
        return float(np.sqrt(sum(average(series).error ** 2 for series in self.influences.values())))

    def __add__(self, other: "Estimate") -> "Estimate":
        """The sum; what both owe to the same run is added frame by frame."""
        runs = self.influences.keys() | other.influences.keys()
        added = {run: self.influences.get(run, 0) + other.influences.get(run, 0) for run in runs}
        return Estimate(self.value + other.value, added)

    def __mul__(self, factor: float) -> "Estimate":
        return Estimate(self.value * factor, {run: series * factor for run, series in self.influences.items()})


def forward(work: Series, run: float) -> Estimate:
    r"""$-\ln\langle e^{-w}\rangle$, with w what the energy of a sample of the first state is more in the second."""
    weights = np.exp(-(work - work.min()))
    return Estimate(float(np.log(len(work)) - logsumexp(-work)), {run: 1 - weights / weights.mean()})


def backward(work: Series, run: float) -> Estimate:
    """The same difference from samples of the second state, and what their energies are more in the first."""
    return forward(work, run) * -1.0


def bar(there: Series, back: Series, runs: tuple[float, float]) -> tuple[Estimate, float]:
    r"""The difference from samples of both states, and how far these overlap: 1 where they are one.

    It solves $\sum_F \sigma(f - M - w_F) = \sum_B \sigma(M - f - w_B)$, $M = \ln N_F/N_B$; the overlap is the mean of
    $4\sigma(1 - \sigma)$ over both.

    ??? cite "Reference"
        C. H. Bennett, *J. Comput. Phys.* **22**, 245 (1976), doi:10.1016/0021-9991(76)90078-4
    """
    ratio = np.log(len(there) / len(back))

    def acceptances(f: float) -> tuple[Series, Series]:
        return expit(f - ratio - there), expit(ratio - f - back)

    def imbalance(f: float) -> float:
        first, second = acceptances(f)
        return float(first.sum() - second.sum())

    ends = np.concatenate([there + ratio, ratio - back])
    margin = abs(ratio) + 1
    found = float(brentq(imbalance, ends.min() - margin, ends.max() + margin))
    first, second = acceptances(found)
    slope = np.sum(first * (1 - first)) + np.sum(second * (1 - second))
    influences = {
        runs[0]: -len(there) * (first - first.mean()) / slope,
        runs[1]: len(back) * (second - second.mean()) / slope,
    }
    return Estimate(found, influences), float(4 * slope / (len(there) + len(back)))


def kish_share(work: Series) -> float:
    r"""Share of the samples that carry the weights $e^{-w}$: $(\sum e^{-w})^2 / N \sum e^{-2w}$; $e^{-s^2}$ where w is
    normal with a spread s.

    ??? cite "Reference"
        L. Kish, *Survey Sampling*, Wiley (1965)
    """
    return float(np.exp(2 * logsumexp(-work) - logsumexp(-2 * work)) / len(work))
