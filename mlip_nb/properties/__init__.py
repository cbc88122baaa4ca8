"""Properties: what is computed from a Dataset alone."""

from .averages import Average, average
from .extrapolation import Extrapolation, bead_convergence, extrapolate, verdict
from .quantum import quantum_averages

__all__ = [
    "Average",
    "Extrapolation",
    "average",
    "bead_convergence",
    "extrapolate",
    "quantum_averages",
    "verdict",
]
