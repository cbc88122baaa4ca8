"""One crystal in several cells, atoms relaxed in each."""

import dataclasses
from collections.abc import Iterator, Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..errors import SimulationError
from ..potentials import AbstractPotential
from ..statics import Coordinates, relax
from ..system import System

_FORCE, _STEPS = 1e-5, 1000


def at_volumes(system: System, potential: AbstractPotential, factors: Sequence[float]) -> Iterator[System]:
    """The crystal with its volume times each factor, alike in all directions, at rest in its cell.

    **Raises:** `SimulationError` where atoms do not relax.
    """
    cell = np.asarray(system.cell, float)
    yield from in_cells(system, potential, np.array([np.cbrt(factor) * cell for factor in factors]))


def in_cells(system: System, potential: AbstractPotential, cells: Float[np.ndarray, "cells 3 3"]) -> Iterator[System]:
    """The crystal at rest in each cell.

    **Raises:** `SimulationError` where atoms do not relax.
    """
    surface, dtype = None, system.cell.dtype
    for cell in cells:
        deformation = np.linalg.solve(np.asarray(system.cell, float), cell)
        start = dataclasses.replace(
            system, positions=system.positions @ jnp.asarray(deformation, dtype), cell=jnp.asarray(cell, dtype)
        )
        found = relax(start, potential, Coordinates.of(start), surface=surface, force=_FORCE, steps=_STEPS).unbroken()
        if not found.converged:
            share = np.linalg.det(deformation)
            raise SimulationError(
                f"atoms do not relax to {_FORCE:g} eV/Å in {_STEPS} steps at {share:.3f} times the volume; try a "
                "smaller range of volumes"
            )
        surface = found.surface
        yield found.system
