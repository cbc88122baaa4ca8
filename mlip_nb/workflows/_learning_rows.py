"""What an epoch of training adds to the Dataset, and how that is drawn."""

from collections.abc import Sequence

import numpy as np

from .. import units
from ..learn import Epoch, LinearFit
from ._plots import Plot, Trace

_UNITS = {"energy": ("meV/atom", 1e3), "force": ("eV/Å", 1.0), "stress": ("GPa", 1.0)}

PLOTS = tuple(
    Plot(
        f"Error of {label}",
        unit,
        (Trace("kept aside", f"{label}_error", scale), Trace("training", f"training_{label}_error", scale)),
        logarithmic=True,
    )
    for label, (unit, scale) in _UNITS.items()
)
"""Of the series."""


def row_of(epoch: Epoch, rate: float) -> dict[str, np.ndarray]:
    """Errors; NaN where there are no labels."""
    training = np.sqrt(np.mean(epoch.training**2, axis=0))
    scale = np.array([1.0, 1.0, 1 / units.GIGAPASCAL])
    errors = {
        f"{kind}{label}_error": value
        for kind, values in (("", epoch.validation), ("training_", training))
        for label, value in zip(_UNITS, np.where(values > 0, values * scale, np.nan), strict=True)
    }
    numbers = {"epoch": epoch.number, "learning_rate": rate, **errors}
    rows = {name: np.array([value]) for name, value in numbers.items()}
    return rows | {"best_epoch": np.asarray(epoch.state.best_epoch)[None]}


def fit_row(fits: Sequence[LinearFit]) -> dict[str, np.ndarray]:
    """The fit of each member, where there was one."""
    if not fits:
        return {}
    numbers = {"ridge": [fit.ridge for fit in fits], "left_out_loss": [fit.left_out for fit in fits]}
    return {name: np.array([values]) for name, values in numbers.items()}
