"""Simulation: ensembles, integrators and the compiled loop."""

from ._advance import Frame
from ._barostat import AbstractBarostat, Deformation, Load, flow, refuse_held
from ._base import (
    AbstractIntegrator,
    BeadParts,
    Controls,
    CorrectedSurface,
    Ensemble,
    MDState,
    Surface,
    ensembles,
    pulled,
)
from ._checkpoint import read_header
from ._exchange import Standing, change_places, standing
from ._frozen import Selection, held, selected
from ._guards import Guards
from ._loop import Chunk, Revise, rehearse, simulate, start_state
from ._middle import AbstractMiddle, Bath
from ._momenta import at_rest, check_free, degrees_of_freedom, draw_momenta, drift
from ._replicas import Layout
from ._ring import Ring, from_beads, over_beads, to_beads
from ._snapshot import Snapshot
from .brownian import Brownian
from .crescale import NPTRescaling, Rescaled, Rescaling, with_friction
from .csvr import NVTRescaling, StochasticRescaling
from .langevin import BAOAB, NVTLangevin
from .lyapunov import Lyapunov, lyapunov
from .mtk import NPTMTK
from .nose_hoover import NVTNoseHoover
from .nph import NPH
from .nve import NVE
from .rollout import Rollout, rollout
from .walls import PlaneWalls, SphericalWall, Walls

__all__ = [
    "BAOAB",
    "NPH",
    "NPTMTK",
    "NVE",
    "AbstractBarostat",
    "AbstractIntegrator",
    "AbstractMiddle",
    "Bath",
    "BeadParts",
    "Brownian",
    "Chunk",
    "Controls",
    "CorrectedSurface",
    "Deformation",
    "Ensemble",
    "Frame",
    "Guards",
    "Layout",
    "Load",
    "Lyapunov",
    "MDState",
    "NPTRescaling",
    "NVTLangevin",
    "NVTNoseHoover",
    "NVTRescaling",
    "PlaneWalls",
    "Rescaled",
    "Rescaling",
    "Revise",
    "Ring",
    "Rollout",
    "Selection",
    "Snapshot",
    "SphericalWall",
    "Standing",
    "StochasticRescaling",
    "Surface",
    "Walls",
    "at_rest",
    "change_places",
    "check_free",
    "degrees_of_freedom",
    "draw_momenta",
    "drift",
    "ensembles",
    "flow",
    "from_beads",
    "held",
    "lyapunov",
    "over_beads",
    "pulled",
    "read_header",
    "refuse_held",
    "rehearse",
    "rollout",
    "selected",
    "simulate",
    "standing",
    "start_state",
    "to_beads",
    "with_friction",
]
