"""Properties: what is computed from a Dataset alone."""

from .averages import Average, average
from .quantum import quantum_averages

__all__ = ["Average", "average", "quantum_averages"]
