"""Properties: what is computed from a Dataset alone."""

from .averages import Average, average
from .committee import Propagated, propagated, split_variance
from .extrapolation import Extrapolation, bead_convergence, extrapolate, verdict
from .isotopes import equilibrium_isotope_effect, fractionation
from .quantum import quantum_averages
from .radial import radial_distribution

__all__ = [
    "Average",
    "Extrapolation",
    "Propagated",
    "average",
    "bead_convergence",
    "equilibrium_isotope_effect",
    "extrapolate",
    "fractionation",
    "propagated",
    "quantum_averages",
    "radial_distribution",
    "split_variance",
    "verdict",
]
