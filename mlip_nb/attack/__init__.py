"""Attack: structures near a given one on which a potential is least to be trusted."""

from .ascent import Case, Climber, Feasible, beside_chance, climb, starts
from .budget import Budget
from .objectives import (
    Affordable,
    Boltzmann,
    Destroy,
    Hole,
    Measured,
    Objective,
    Stabilise,
    Target,
    Uncertain,
    objectives,
)
from .perturbation import Bounds, Perturbation, Stage

__all__ = [
    "Affordable",
    "Boltzmann",
    "Bounds",
    "Budget",
    "Case",
    "Climber",
    "Destroy",
    "Feasible",
    "Hole",
    "Measured",
    "Objective",
    "Perturbation",
    "Stabilise",
    "Stage",
    "Target",
    "Uncertain",
    "beside_chance",
    "climb",
    "objectives",
    "starts",
]
