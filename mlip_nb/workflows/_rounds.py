"""What a round of learning adds to the Dataset and to the panel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..learn import Labelled, Labels, errors, predictions
from ..potentials import AbstractPotential
from ._candidates import Choice
from ._plots import Plot, Trace

PLOTS = (
    Plot(
        "Error of force",
        "eV/Å",
        (Trace("test", "test_force_error"), Trace("new structures", "explored_force_error")),
        logarithmic=True,
    ),
    Plot(
        "Uncertainty",
        "eV/Å",
        (Trace("largest", "largest_uncertainty"), Trace("mean", "mean_uncertainty")),
        logarithmic=True,
    ),
    Plot("Labels", "1", (Trace("used", "labels_used"), Trace("failed", "labels_failed"))),
    Plot(
        "Error of energy, test", "meV/atom", (Trace("test", "test_energy_error", 1e3),), logarithmic=True, detail=True
    ),
)
"""Diagrams of a campaign."""


def of_choice(choice: Choice) -> dict[str, float]:
    """What was found, before anything is labelled."""
    known = choice.uncertainties
    return {
        "candidates": choice.brought,
        "new_candidates": len(known),
        "largest_uncertainty": float(known.max()) if len(known) else np.nan,
        "mean_uncertainty": float(known.mean()) if len(known) else np.nan,
        "chosen_uncertainty": float(choice.chosen.mean()) if len(choice.chosen) else np.nan,
    }


NOTHING = of_choice(Choice([], 0, np.empty(0), np.empty(0)))
"""Of a round without candidates."""


def of_frames(potential: AbstractPotential, frames: Sequence[Labelled]) -> tuple[float, float]:
    """Errors of energy per atom and of force components; NaN without frames."""
    if not frames:
        return np.nan, np.nan
    told = errors(predictions(potential, frames), Labels.of(frames))
    return float(told["energy_rmse"]), float(told["force_rmse"])


def as_row(numbers: dict[str, Any]) -> dict[str, np.ndarray]:
    """As the Dataset takes it; NaN for what is not there."""
    return {name: np.array([np.nan if value is None else value]) for name, value in numbers.items()}
