"""What an epoch of training adds to the Dataset and to the panel, and how that is drawn."""

from collections.abc import Mapping, Sequence

import numpy as np

from .. import units
from ..learn import Epoch, Labels, LinearFit, errors
from ._plots import Cloud, Plot, Trace

_POINTS = 2000
"""Drawn in one cloud at most."""
_UNITS = {"energy": ("meV/atom", 1e3), "force": ("eV/Å", 1.0), "stress": ("GPa", 1.0)}

_PARITY_UNITS = {"energy": "eV/atom", "force": "eV/Å", "stress": "GPa"}
_GROUP = "force_error of "
"""Before the name of a group: its column of the series."""


def plots_of(groups: Sequence[str]) -> tuple[Plot, ...]:
    """Errors against epochs; those of kinds of frames, too, where there are several."""
    kinds = [
        Plot(
            f"Error of {label}",
            unit,
            (Trace("kept aside", f"{label}_error", scale), Trace("training", f"training_{label}_error", scale)),
            logarithmic=True,
        )
        for label, (unit, scale) in _UNITS.items()
    ]
    traces = tuple(Trace(group or "others", _GROUP + group) for group in groups)
    by_group = Plot("Error of force, by group", "eV/Å", traces, logarithmic=True, detail=True)
    return (*kinds, *([by_group] if traces else []))


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


def group_row(epoch: Epoch, labels: Labels | None) -> dict[str, np.ndarray]:
    """Errors by kind of frame, `[1, group]`; nothing where there are no frames kept aside."""
    if epoch.predicted is None or labels is None:
        return {}
    return {"group_force_error": errors(epoch.predicted, labels)["group_force_rmse"][None]}


def series_of(row: Mapping[str, np.ndarray], groups: Sequence[str]) -> dict[str, np.ndarray]:
    """What is drawn: a column for each number."""
    found = {name: values for name, values in row.items() if values.ndim == 1}
    by_group = row["group_force_error"].T if len(groups) else ()
    return found | {_GROUP + group: values for group, values in zip(groups, by_group, strict=True)}


def clouds_of(epoch: Epoch, labels: Labels | None) -> tuple[Cloud, ...]:
    """Predictions against labels, of what there are labels for."""
    if epoch.predicted is None or labels is None:
        return ()
    pairs = {
        "energy": (labels.energies / labels.atoms, epoch.predicted.energies / labels.atoms),
        "force": (labels.forces, epoch.predicted.forces),
        "stress": (labels.stresses / units.GIGAPASCAL, epoch.predicted.stresses / units.GIGAPASCAL),
    }
    there = {kind: pair for kind, pair in pairs.items() if np.isfinite(pair[0]).any()}
    clouds = (Cloud(kind, _PARITY_UNITS[kind], *_thinned(*pair)) for kind, pair in there.items())
    return tuple(cloud for cloud in clouds if cloud.across.size)


def _thinned(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    both = np.stack([across.ravel(), up.ravel()])
    both = both[:, np.isfinite(both).all(axis=0)]
    every = max(1, -(-both.shape[1] // _POINTS))
    # Every third number is of the same component.
    return both[:, :: every + (every % 3 == 0)]


def fit_row(fits: Sequence[LinearFit]) -> dict[str, np.ndarray]:
    """The fit of each member, where there was one."""
    if not fits:
        return {}
    numbers = {"ridge": [fit.ridge for fit in fits], "left_out_loss": [fit.left_out for fit in fits]}
    return {name: np.array([values]) for name, values in numbers.items()}
