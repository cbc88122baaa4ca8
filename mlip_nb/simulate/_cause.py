"""Why a simulation cannot go on: what went wrong, where, since when, and what to try."""

from collections.abc import Callable

import numpy as np

from .. import units
from ..errors import SimulationError
from ._advance import Frame
from ._base import AbstractIntegrator, MDState

_VIOLENT = 30.0
"""eV/Å; forces in a sound structure, even a hot one, stay below."""
_CALM = 0.1
"""Å; atoms that move less in a step are not what leaves a skin."""


def check_energy(frames: Frame, integrator: AbstractIntegrator, closest: Callable[[], str]) -> None:
    """Raises `SimulationError` when a potential energy is not finite; `closest` says which atoms are, and how close."""
    bad = ~np.isfinite(frames.potential_energy)
    if bad.any():
        step = int(frames.step[bad.argmax()])
        time = step * units.from_internal(integrator.timestep, "fs")
        raise SimulationError(
            f"the potential energy is not finite at step {step} ({time:g} fs), where {closest()}; "
            "check the structure, and that the potential is made for it"
        )


def covering_skin(state: MDState, skin: float) -> float | None:
    """Å: one that would do where beads are farther from their centroids than the present one covers; None elsewhere."""
    calm = np.isfinite(forces := np.asarray(state.bead_forces)).all() and np.abs(forces).max() < _VIOLENT
    return 4 * spread if calm and (spread := _spread(state)) > skin / 4 else None


def cause_of_standstill(state: MDState, integrator: AbstractIntegrator, skin: float) -> str:
    """What went wrong, where and when, and what to try; from the last good state."""
    from ase.data import chemical_symbols

    forces = np.asarray(state.bead_forces)
    kick = integrator.timestep / 2 * forces
    stride = np.linalg.norm(np.asarray(integrator.timestep * (state.bead_momenta + kick) / state.masses), axis=1)
    # argmax takes the first NaN for the largest, which here is what is wanted.
    bead, column = np.unravel_index(np.argmax(stride), stride.shape)
    atom, symbol = int(state.order[column]), chemical_symbols[int(state.numbers[column])]
    name = f"atom {atom} ({symbol})" if state.ring is None else f"bead {bead} of atom {atom} ({symbol})"
    force, stride = float(np.linalg.norm(forces[bead, :, column])), float(stride[bead, column])
    step, timestep = int(state.step), units.from_internal(integrator.timestep, "fs")
    if covering_skin(state, skin):
        return (
            f"after step {step} ({step * timestep:g} fs) no further step is possible: beads are up to "
            f"{_spread(state):.2g} Å from their centroids, which a skin of {skin:g} Å does not cover; "
            f"try a timestep below {timestep:g} fs"
        )
    if integrator.changes_cell and stride < _CALM:
        return (
            f"after step {step} ({step * timestep:g} fs) no further step is possible: the cell, of "
            f"{abs(np.linalg.det(state.cell)):.4g} Å³, would change its shape at once; take a longer pressure_time, "
            "or equilibrate at constant volume first"
        )
    return (
        f"after step {step} ({step * timestep:g} fs) no further step is possible: {name} would move "
        f"{stride:.2g} Å at once, under a force of {force:.3g} eV/Å; try a timestep below {timestep:g} fs, or "
        + _other_cure(force)
    )


def _spread(state: MDState) -> float:
    """How far a bead is from its centroid, Å; the farthest."""
    return float(np.linalg.norm(np.asarray(state.beads - state.positions), axis=1).max())


def _other_cure(force: float) -> str:
    if not force < _VIOLENT:
        return "relax the structure first (atoms came too close), and check that the potential covers it"
    return "check initial velocities and temperature"
