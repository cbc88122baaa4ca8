"""Structures at rest: minima, elastic constants, force constants."""

from .coordinates import Coordinates, Point
from .elastic import UNIT_STRAINS, Response, response, under_stress
from .force_constants import acoustic, dynamical_matrix, force_constants, hessian, hessian_product, in_turns
from .minimisers import FIRE, LBFGS, AbstractMinimiser
from .minimum import softest
from .moduli import AVERAGES, Moduli, moduli, stability, young_along
from .moves import rigid_motions
from .relaxation import Relaxed, relax
from .surface import Surface, check_differentiable, slopes_of
from .symmetry import Symmetry

__all__ = [
    "UNIT_STRAINS",
    "AVERAGES",
    "FIRE",
    "LBFGS",
    "AbstractMinimiser",
    "Coordinates",
    "Moduli",
    "Point",
    "Relaxed",
    "Response",
    "Surface",
    "Symmetry",
    "acoustic",
    "check_differentiable",
    "dynamical_matrix",
    "force_constants",
    "hessian",
    "hessian_product",
    "in_turns",
    "moduli",
    "relax",
    "response",
    "rigid_motions",
    "slopes_of",
    "softest",
    "stability",
    "under_stress",
    "young_along",
]
