"""Simulation: ensembles, integrators and the compiled loop."""

from ._advance import Frame
from ._base import AbstractIntegrator, Ensemble, MDState, ensembles
from ._checkpoint import read_header
from ._frozen import Selection, held
from ._guards import Guards
from ._loop import Chunk, simulate, start_state
from ._momenta import degrees_of_freedom, draw_momenta
from ._replicas import Layout
from ._snapshot import Snapshot
from .brownian import Brownian
from .csvr import NVTRescaling
from .langevin import NVTLangevin
from .lyapunov import Lyapunov, lyapunov
from .nose_hoover import NVTNoseHoover
from .nve import NVE
from .rollout import Rollout, rollout
from .walls import Walls

__all__ = [
    "NVE",
    "AbstractIntegrator",
    "Brownian",
    "Chunk",
    "Ensemble",
    "Frame",
    "Guards",
    "Layout",
    "Lyapunov",
    "MDState",
    "NVTLangevin",
    "NVTNoseHoover",
    "NVTRescaling",
    "Rollout",
    "Selection",
    "Snapshot",
    "Walls",
    "degrees_of_freedom",
    "draw_momenta",
    "ensembles",
    "held",
    "lyapunov",
    "read_header",
    "rollout",
    "simulate",
    "start_state",
]
