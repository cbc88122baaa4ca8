"""Attack: structures near a given one on which a potential is least to be trusted."""

from .ascent import Case, Climber, Feasible, beside_chance, climb, starts
from .objectives import Boltzmann, Destroy, Measured, Objective, Stabilise, Target, Uncertain, objectives
from .perturbation import Bounds, Perturbation, Stage

__all__ = [
    "Boltzmann",
    "Bounds",
    "Case",
    "Climber",
    "Destroy",
    "Feasible",
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
