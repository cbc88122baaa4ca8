"""One crystal at several volumes: the cell scaled alike in all directions, atoms relaxed in each."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import SimulationError
from ..potentials import AbstractPotential
from ..statics import Coordinates, relax
from ..system import System

_FORCE, _STEPS = 1e-5, 1000


def at_volumes(system: System, potential: AbstractPotential, factors: Sequence[float]) -> Iterator[System]:
    """The crystal with its volume times each factor, at rest in its cell.

    **Raises:** `SimulationError` where atoms do not relax.
    """
    surface = None
    for factor in factors:
        scale = float(np.cbrt(factor))
        start = dataclasses.replace(system, positions=scale * system.positions, cell=scale * system.cell)
        found = relax(start, potential, Coordinates.of(start), surface=surface, force=_FORCE, steps=_STEPS).unbroken()
        if not found.converged:
            raise SimulationError(
                f"atoms do not relax to {_FORCE:g} eV/Å in {_STEPS} steps at {factor:.3f} times the volume; try a "
                "smaller range of volumes"
            )
        surface = found.surface
        yield found.system
