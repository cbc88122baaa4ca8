"""Properties: what is computed from a Dataset alone."""

from .averages import Average, average
from .isotopes import equilibrium_isotope_effect, fractionation
from .quantum import quantum_averages

__all__ = ["Average", "average", "equilibrium_isotope_effect", "fractionation", "quantum_averages"]
