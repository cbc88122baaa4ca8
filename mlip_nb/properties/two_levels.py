"""One number from several potentials, each with several runs: what scatters between runs, and what between models."""

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from .committee import Propagated


def two_levels(
    values: Float[np.ndarray, "members runs"], errors: Float[np.ndarray, "members runs"] | None = None
) -> Propagated:
    r"""Mean of all potentials and both parts of its error; NaN for runs that tell nothing.

    $$\operatorname{Var} T = \operatorname{E}_\text{model}[\operatorname{Var}_\text{run}] +
    \operatorname{Var}_\text{model}[\operatorname{E}_\text{run}]$$

    The second part is less what scatter of few runs adds to it. Where every potential has one run, `errors` are what is
    known of the scatter. The model error is 0 for a single potential.

    **Raises:** `InputError` where no run tells anything.
    """
    told = np.isfinite(values)
    kept = told.any(axis=1)
    if not kept.any():
        raise InputError("no run tells a value; see what each of them says")
    values, told = values[kept], told[kept]
    counts = told.sum(axis=1)
    members = np.nanmean(values, axis=1)
    within = _within(values, counts, None if errors is None else errors[kept])
    mean_noise = within * np.mean(1 / counts)
    between = members.var(ddof=1) if len(members) > 1 else 0.0
    return Propagated(
        value=float(members.mean()),
        statistical=float(np.sqrt(mean_noise / len(members))),
        model=float(np.sqrt(max(between - mean_noise, 0.0))),
        members=members,
    )


def _within(values, counts, errors) -> float:
    """Variance of a run about the mean of its potential; NaN where nobody knows."""
    if (counts > 1).any():
        away = values - np.nanmean(values, axis=1, keepdims=True)
        return float(np.nansum(away**2) / (counts - 1).sum())
    return float("nan") if errors is None else float(np.nanmean(np.where(np.isfinite(values), errors, np.nan) ** 2))
