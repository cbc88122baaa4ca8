"""Simulation: ensembles, integrators and the compiled loop."""

from ._advance import Frame
from ._base import AbstractIntegrator, Ensemble, MDState, ensembles
from ._checkpoint import read_header
from ._guards import Guards
from ._loop import Chunk, simulate, start_state
from ._momenta import degrees_of_freedom, draw_momenta
from ._replicas import Layout
from .langevin import NVTLangevin
from .nve import NVE

__all__ = [
    "NVE",
    "AbstractIntegrator",
    "Chunk",
    "Ensemble",
    "Frame",
    "Guards",
    "Layout",
    "MDState",
    "NVTLangevin",
    "degrees_of_freedom",
    "draw_momenta",
    "ensembles",
    "read_header",
    "simulate",
    "start_state",
]
