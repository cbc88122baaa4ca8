"""Simulation: ensembles, integrators and the compiled loop."""

from ._advance import Frame
from ._base import AbstractIntegrator, Ensemble, MDState, ensembles
from ._checkpoint import read_header
from ._exchange import Standing, change_places, standing
from ._frozen import Selection, held
from ._guards import Guards
from ._loop import Chunk, Revise, rehearse, simulate, start_state
from ._momenta import at_rest, degrees_of_freedom, draw_momenta, drift
from ._replicas import Layout
from ._snapshot import Snapshot
from .brownian import Brownian
from .crescale import NPTRescaling
from .csvr import NVTRescaling
from .langevin import NVTLangevin
from .lyapunov import Lyapunov, lyapunov
from .mtk import NPTMTK
from .nose_hoover import NVTNoseHoover
from .nph import NPH
from .nve import NVE
from .rollout import Rollout, rollout
from .walls import PlaneWalls, SphericalWall, Walls

__all__ = [
    "AbstractIntegrator",
    "Brownian",
    "Chunk",
    "Ensemble",
    "Frame",
    "Guards",
    "Layout",
    "Lyapunov",
    "MDState",
    "NPH",
    "NPTMTK",
    "NPTRescaling",
    "NVE",
    "NVTLangevin",
    "NVTNoseHoover",
    "NVTRescaling",
    "PlaneWalls",
    "Revise",
    "Rollout",
    "Selection",
    "Snapshot",
    "SphericalWall",
    "Standing",
    "Walls",
    "at_rest",
    "change_places",
    "degrees_of_freedom",
    "draw_momenta",
    "drift",
    "ensembles",
    "held",
    "lyapunov",
    "read_header",
    "rehearse",
    "rollout",
    "simulate",
    "standing",
    "start_state",
]
