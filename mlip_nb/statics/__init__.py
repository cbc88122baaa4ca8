"""Structures at rest: minima, elastic constants, force constants."""

from .elastic import Response, response, under_stress
from .force_constants import acoustic, dynamical_matrix, force_constants, hessian, hessian_product
from .surface import Surface, slopes_of

__all__ = [
    "Response",
    "Surface",
    "acoustic",
    "dynamical_matrix",
    "force_constants",
    "hessian",
    "hessian_product",
    "response",
    "slopes_of",
    "under_stress",
]
