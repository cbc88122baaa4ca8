"""Path integrals: ring polymers, their propagators, thermostats and estimators."""

from ._base import Rings, rings
from .actions import ACTIONS
from .beads import BeadChoice, beads_needed, largest_spread, stiffest_vibration
from .contraction import Contracted
from .dynamics import PACMD, RPMD, TRPMD, Dynamics
from .harmonic import expected_error, harmonic_energy, harmonic_free_energy
from .integrator import RingPolymer
from .npt import NPTPILE
from .pile import GlobalPILE, LocalPILE
from .vibrations import vibrations

__all__ = [
    "ACTIONS",
    "NPTPILE",
    "PACMD",
    "RPMD",
    "TRPMD",
    "BeadChoice",
    "Contracted",
    "Dynamics",
    "GlobalPILE",
    "LocalPILE",
    "RingPolymer",
    "Rings",
    "beads_needed",
    "expected_error",
    "harmonic_energy",
    "harmonic_free_energy",
    "largest_spread",
    "rings",
    "stiffest_vibration",
    "vibrations",
]
