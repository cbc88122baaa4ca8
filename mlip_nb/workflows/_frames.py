"""Frames of a simulation by the names and units of the quantities table."""

from collections.abc import Iterable

import jax.numpy as jnp
import numpy as np

from .. import units
from ..results.schema import QUANTITIES
from ..results.storage import AbstractStore
from ..simulate import Frame, MDState, to_beads
from ..system import System, velocities

_SERIES = (
    "step",
    "time",
    "temperature",
    "potential_energy",
    "kinetic_energy",
    "primitive_kinetic_energy",
    "total_energy",
    "conserved",
    "pressure",
    "volume",
)
_WATCHED = ("alarm", "atom_uncertainty", "frame_uncertainty", "frame_radius", "atom_distance", "frame_distance")
"""What a monitor says."""


def newest(frames: Frame, system: System) -> System:
    """The newest of some frames, that of the first replica where there are several."""
    newest = (frames.positions[-1], frames.cell[-1], frames.momenta[-1])
    positions, cell, momenta = (jnp.asarray(values if values.ndim == 2 else values[0]) for values in newest)
    return System(positions, system.numbers, system.masses, cell, momenta, system.pbc, system.mobile)


def variables_of(frames: Frame, system: System, timestep: float, freedom: int) -> dict[str, np.ndarray]:
    """Stored frames by the names and units of the quantities table; replicas, if any, are the second axis."""
    masses = np.asarray(system.masses)[:, None]
    kinetic = 0.5 * np.sum(frames.momenta.astype(float) ** 2 / masses, axis=(-2, -1))
    variables = {
        "step": frames.step.astype(np.int64),
        "time": frames.step * timestep,
        "positions": frames.positions,
        "velocities": velocities(frames.momenta, masses),
        "forces": frames.forces,
        "cell": frames.cell,
        "potential_energy": frames.potential_energy,
        "kinetic_energy": kinetic,
        "total_energy": frames.potential_energy + kinetic,
        "conserved": frames.conserved,
        "temperature": _temperature(frames.flow, freedom),
    }
    return variables | (_stress(frames, frames.flow) if all(system.pbc) else {})


def quantum_variables_of(frames: Frame, system: System, timestep: float, freedom: int) -> dict[str, np.ndarray]:
    """The same of ring polymers: positions, velocities, forces and temperature of centroids, quantum energies.

    The kinetic energy is that of the centroid virial, which stands in the stress, too.
    """
    kinetic = frames.extra["atom_kinetic_energy"].sum(axis=-1)
    quantum = {
        **variables_of(frames, system, timestep, freedom),
        **frames.extra,
        "kinetic_energy": kinetic,
        "total_energy": frames.potential_energy + kinetic,
    }
    stress = _stress(frames, 2 * frames.extra["kinetic_energy_tensor"]) if all(system.pbc) else {}
    return quantum | stress


def of_atoms(variables: dict[str, np.ndarray], names: Iterable[str]) -> dict[str, np.ndarray]:
    """Numbers or vectors of the atoms in the newest frame, that of the first replica where there are several."""
    newest = {name: variables[name][-1] for name in names if name in variables}
    replicated = variables["positions"].ndim == 4
    return {name: values[0] if replicated else values for name, values in newest.items()}


def spread(states: MDState) -> np.ndarray | None:
    """Where beads are about their centroids, `[beads atoms 3]`, in the caller's order, of the first replica."""
    if states.ring is None:
        return None
    modes = states.ring.positions[0]
    beads = np.asarray(to_beads(jnp.zeros(modes.shape[1:], modes.dtype), modes))
    return beads.transpose(0, 2, 1)[:, np.argsort(np.asarray(states.order[0]))]


def as_stored(variables: dict[str, np.ndarray], store: AbstractStore) -> dict[str, np.ndarray]:
    """As the store has its frames: what may come and go with a continuation is left out, or without values."""
    if (names := store.names) is None:
        return variables
    kept = {name: values for name, values in variables.items() if name in names or not _comes_and_goes(name)}
    missing = [name for name in names if name not in variables and _comes_and_goes(name)]
    return kept | {name: _nothing(name, variables["positions"].shape[:-1]) for name in missing}


def _comes_and_goes(name: str) -> bool:
    """True for what says how a run was steered and watched."""
    return name.startswith("live_") or name in _WATCHED


def _nothing(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """`shape` is that of one number for every atom of every frame."""
    size = shape if "atom" in QUANTITIES[name].dims else shape[:-1]
    return np.zeros(size, bool) if name == "alarm" else np.full(size, np.nan)


def series_of(variables: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is followed while a run goes on: one value a frame, the mean of all replicas."""
    return {name: _mean(variables[name]) for name in _SERIES if name in variables}


def _temperature(flow: np.ndarray, freedom: int) -> np.ndarray:
    """K, of the momenta right after the thermostat: those of a frame read low where a splitting biases them."""
    twice_kinetic = np.trace(flow.astype(float), axis1=-2, axis2=-1)
    return twice_kinetic / (freedom * units.KELVIN) if freedom else np.zeros_like(twice_kinetic)


def _stress(frames: Frame, flow: np.ndarray) -> dict[str, np.ndarray]:
    """Stress with its kinetic part (`flow` is twice the kinetic energy), tension positive, and what follows from it."""
    volume = np.abs(np.linalg.det(frames.cell))
    stress = (frames.strain_derivative - flow) / volume[..., None, None] / units.GIGAPASCAL
    return {"stress": stress, "pressure": -np.trace(stress, axis1=-2, axis2=-1) / 3, "volume": volume}


def _mean(values: np.ndarray) -> np.ndarray:
    """Of all replicas, at each frame."""
    return values.mean(axis=1) if values.ndim == 2 else values
