"""Path integrals: ring polymers, their propagators, thermostats and estimators."""

from ._base import Rings, rings
from .dynamics import PACMD, RPMD, TRPMD
from .harmonic import expected_error, harmonic_energy
from .integrator import RingPolymer
from .pile import GlobalPILE, LocalPILE

__all__ = [
    "PACMD",
    "RPMD",
    "TRPMD",
    "GlobalPILE",
    "LocalPILE",
    "RingPolymer",
    "Rings",
    "expected_error",
    "harmonic_energy",
    "rings",
]
