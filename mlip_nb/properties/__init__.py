"""Properties: what is computed from a Dataset alone."""

from .averages import Average, average
from .extrapolation import Extrapolation, bead_convergence, extrapolate, verdict
from .hull import Hull, convex_hull, energy_above_hull
from .isotopes import equilibrium_isotope_effect, fractionation
from .quantum import quantum_averages
from .radial import radial_distribution

__all__ = [
    "Average",
    "Extrapolation",
    "Hull",
    "average",
    "bead_convergence",
    "convex_hull",
    "energy_above_hull",
    "equilibrium_isotope_effect",
    "extrapolate",
    "fractionation",
    "quantum_averages",
    "radial_distribution",
    "verdict",
]
