"""One long trajectory of the liquid for each ensemble and state point, shared by all the laws."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb.simulate import AbstractIntegrator, Ensemble, Frame, ensembles
from mlip_nb.system import System

from .liquid import EPSILON, PRESSURE, TIMESTEP, frames_of, inner_pressure, lennard_jones, liquid

DENSITY, REPEAT, TEMPERATURE = 0.75, 3, 1.0
HOTTER, PRESSES, SQUEEZED = 1.1, 1.0, 1.5
"""Second temperature, and the two pressures, of ensemble checks; reduced. One to two widths of a distribution apart."""
SUITED: Mapping[str, Mapping] = {
    "brownian": {"friction": 12.5},
    "npt-crescale": {"compressibility": 2.0, "pressure_time": 300.0},
}
"""What differs from the defaults: a drag at which steps move as far as elsewhere, a barostat for a soft liquid."""
APART = 1.0, 2.0
"""Two pressures whose mean volumes differ by many errors; reduced."""
_STEPS, _EVERY, _EQUILIBRATION = 40_000, 20, 0.15
_LONG = 260_000
"""Steps after which the variance of a volume is known to a fiftieth."""


@dataclass(frozen=True)
class Sample:
    """What the laws are about, frame by frame, eV and Å; and the targets."""

    potential: np.ndarray
    thermal: np.ndarray
    """Twice the kinetic energy of the thermal momenta along x, y and z."""
    light: np.ndarray
    """Twice the kinetic energy of the light atoms."""
    total: np.ndarray
    """Twice the kinetic energy of all atoms, with the same momenta."""
    volume: np.ndarray
    pressure: np.ndarray
    """Instantaneous, from the virial and the thermal momenta."""
    conserved: np.ndarray
    stiffness: np.ndarray
    """Laplacian of the energy, eV/Å²."""
    squared_force: np.ndarray

    @property
    def kinetic(self) -> np.ndarray:
        """Kinetic energy of the thermal momenta."""
        return self.thermal.sum(axis=1) / 2


def canonical() -> list[str]:
    """Ensembles with a thermostat."""
    return [name for name in ensembles if "temperature" in suited(name).controls()]


def barostats() -> list[str]:
    """Ensembles that hold the pressure."""
    return [name for name in ensembles if "pressure" in suited(name).controls()]


def suited(name: str) -> Ensemble:
    """An ensemble with what suits the liquid; otherwise as it is by default."""
    return ensembles[name](**SUITED.get(name, {}))


def controls_at(name: str, temperature: float, pressure: float) -> dict[str, float]:
    """Live values of an ensemble at reduced targets."""
    targets = {"temperature": temperature * EPSILON, "pressure": pressure * PRESSURE}
    return {key: targets.get(key, value) for key, value in suited(name).controls().items()}


@cache
def sample(name: str, temperature: float = TEMPERATURE, pressure: float = PRESSES) -> Sample:
    """An ensemble at reduced targets."""
    start, controls = liquid(DENSITY, REPEAT, temperature), controls_at(name, temperature, pressure)
    # A seed of its own: with common noise two state points would deviate together.
    seed = round(100 * temperature + 10 * pressure)
    return run(start, suited(name).integrator(TIMESTEP), controls, steps=_STEPS, every=_EVERY, seed=seed)


@cache
def volumes(name: str, pressure: float) -> np.ndarray:
    """A long series of the volume alone, Å³, at a reduced pressure, less its beginning."""
    pieces = frames_of(
        liquid(DENSITY, REPEAT, TEMPERATURE),
        lennard_jones(),
        suited(name).integrator(TIMESTEP),
        controls_at(name, TEMPERATURE, pressure),
        steps=_LONG,
        every=_EVERY,
        seed=round(10 * pressure),
    )
    found = np.concatenate([np.abs(np.linalg.det(frames.cell)) for frames in pieces])
    return found[int(0.02 * len(found)) :]


def run(
    system: System, integrator: AbstractIntegrator, controls: Mapping, *, steps: int, every: int, seed: int
) -> Sample:
    """A trajectory reduced to what the laws are about, less its beginning."""
    pieces = frames_of(system, lennard_jones(), integrator, controls, steps=steps, every=every, seed=seed)
    reduced = [_reduced(frames, np.asarray(system.masses)) for frames in pieces]
    skipped = int(_EQUILIBRATION * steps / every)
    return Sample(*(np.concatenate([getattr(piece, f.name) for piece in reduced])[skipped:] for f in fields(Sample)))


def _reduced(frames: Frame, masses: np.ndarray) -> Sample:
    thermal = np.diagonal(frames.flow, axis1=1, axis2=2)
    squares = np.sum(frames.momenta**2, axis=2) / masses
    return Sample(
        potential=frames.potential_energy,
        thermal=thermal,
        light=squares[:, masses == masses.min()].sum(axis=1),
        total=squares.sum(axis=1),
        volume=np.abs(np.linalg.det(frames.cell)),
        pressure=inner_pressure(frames),
        conserved=frames.conserved,
        stiffness=np.asarray(_laplacians(frames.positions, frames.cell)),
        squared_force=np.sum(frames.forces**2, axis=(1, 2)),
    )


@jax.jit
def _laplacians(positions, cells):
    """Σ φ''(r) + 2φ'(r)/r over ordered pairs: nearest images, all pairs, so that it owes nothing to the engine."""
    return jax.lax.map(lambda frame: _laplacian(*frame), (positions, cells))


def _laplacian(positions, cell):
    fractions = positions @ jnp.linalg.inv(cell)
    between = fractions[:, None] - fractions
    squares = jnp.sum(((between - jnp.round(between)) @ cell) ** 2, axis=-1)
    species = jnp.zeros((), jnp.int32)

    def energy(distance):
        return lennard_jones().pair_energy(distance**2, species, species)

    def of_pair(distance):
        slope = jax.grad(energy)
        return jax.grad(slope)(distance) + 2 * slope(distance) / distance

    apart = (squares > 0) & (squares < lennard_jones().cutoff ** 2)
    distances = jnp.sqrt(jnp.where(apart, squares, 1.0))
    return jnp.sum(jnp.where(apart, jax.vmap(jax.vmap(of_pair))(distances), 0))
