"""Averages of several numbers of beads, extrapolated to infinitely many."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from ..errors import InputError
from ..results import build_dataset
from .averages import average

_ENERGIES = {"kinetic energy": "kinetic_energy", "total energy": "total_energy"}
FEWEST = 10
"""Frames whose mean has an error that can be a weight."""
_DOUBTFUL = 0.05
"""Probability below which points do not follow a law."""


@dataclass(frozen=True)
class Extrapolation:
    """A straight line through points with errors, against a power of 1/P."""

    limit: float
    """Its value for infinitely many beads."""
    error: float
    """Standard error of the limit."""
    slope: float
    """Its factor of the power."""
    chi_square: float
    """Sum of squares of deviations in units of errors; for two points nothing is left, and it is not a number."""
    probability: float
    """Of a larger one, if the points follow the law."""


def extrapolate(
    beads: Float[np.ndarray, " points"],
    means: Float[np.ndarray, " points"],
    errors: Float[np.ndarray, " points"],
    order: int = 2,
) -> Extrapolation:
    r"""$E(P) = E_\infty + c P^{-n}$ by weighted least squares; points that are no numbers are left out.

    With fewer than two points nothing is a number.
    """
    from scipy.special import chdtrc

    known = np.isfinite(means) & np.isfinite(errors) & (errors > 0)
    if known.sum() < 2:
        return Extrapolation(math.nan, math.nan, math.nan, math.nan, math.nan)
    powers = np.asarray(beads, float)[known] ** -order
    design = np.stack([np.ones_like(powers), powers], axis=1) / errors[known, None]
    (limit, slope), *_ = np.linalg.lstsq(design, means[known] / errors[known], rcond=None)
    deviations = (means[known] - limit - slope * powers) / errors[known]
    spare, square = int(known.sum()) - 2, float(np.sum(deviations**2))
    error = float(np.sqrt(np.linalg.inv(design.T @ design)[0, 0]))
    told = (square, float(chdtrc(spare, square))) if spare else (math.nan, math.nan)
    return Extrapolation(float(limit), error, float(slope), *told)


def bead_convergence(
    runs: Mapping[int, xr.Dataset],
    *,
    order: int = 2,
    discard: float = 0.2,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """Quantum kinetic and total energy of path-integral runs by their number of beads, and the limit of many.

    The error of averages falls with the power `order` of 1/P: 2, or 4 for actions of fourth order. The first `discard`
    of the frames are left out; a run of a few frames is not a number.

    **Raises:** `InputError` for a Dataset that is no single path-integral run.
    """
    beads = np.array(sorted(runs))
    found = np.array([[_mean(runs[count], name, discard) for count in beads] for name in _ENERGIES.values()])
    means, errors = found[..., 0], found[..., 1]
    limits = [extrapolate(beads, *one, order) for one in zip(means, errors, strict=True)]
    return build_dataset(
        {
            "estimator": np.array(list(_ENERGIES)),
            "bead_count": beads,
            "bead_mean": means,
            "bead_mean_error": errors,
            "bead_limit": np.array([one.limit for one in limits]),
            "bead_limit_error": np.array([one.error for one in limits]),
            "bead_slope": np.array([one.slope for one in limits]),
            "chi_square": np.array([one.chi_square for one in limits]),
            "law_probability": np.array([one.probability for one in limits]),
        },
        attrs={"order": order, **(attrs or {})},
    )


def verdict(dataset: xr.Dataset) -> list[str]:
    """Whether the points of each average follow the law, a line each."""
    law, points = f"1/P^{dataset.attrs['order']}", np.isfinite(dataset["bead_mean"].values).sum(axis=1)
    squares, chances = dataset["chi_square"].values, dataset["law_probability"].values
    rows = zip(dataset["estimator"].values, points, squares, chances, strict=True)
    return [f"{name}: {_judged(law, int(count), square, chance)}" for name, count, square, chance in rows]


def _judged(law: str, points: int, square: float, chance: float) -> str:
    if points < 3:
        return f"{points} points cannot tell whether they follow {law}; give a third number of beads"
    freedom = f"{points - 2} degree{'s' * (points > 3)} of freedom"
    told = f"(chi² {square:.2g} for {freedom}, probability {chance:.2g})"
    if chance < _DOUBTFUL:
        return f"the points do not follow {law} {told}; leave out the smallest number of beads, or give larger ones"
    return f"the points follow {law} {told}"


def _mean(run: xr.Dataset, name: str, discard: float) -> tuple[float, float]:
    if name not in run or "replica" in run.dims:
        raise InputError("bead_convergence compares single path-integral runs; make them with PIMD or %mlip pimd")
    kept = run[name].values[int(discard * run.sizes["frame"]) :]
    if len(kept) < FEWEST:
        return math.nan, math.nan
    found = average(kept)
    return float(found.mean), float(found.error)
