"""Barriers whose rates are known: Eckart's in closed form, and a reaction of three hydrogen atoms."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb import units
from mlip_nb.potentials import AbstractPotential, Edges, Parts
from mlip_nb.system import System

from ..simulate.oscillators import OscillatorsSpec

MASS = 1.008
FREQUENCY = units.to_internal(100.0, "THz")
"""Of the inverted barrier, angular, internal units."""
HEIGHT = 12 * units.HBAR * FREQUENCY / (2 * np.pi)
"""eV: 2πV/ħω is 12."""
LENGTH = float(np.sqrt(2 * HEIGHT / MASS) / FREQUENCY)


class Eckart(AbstractPotential):
    """V sech²(x/L) of one atom along x, and harmonic walls along y and z, which are free where they have no
    stiffness."""

    walls: tuple[float, float] = eqx.field(static=True, default=(3.0, 6.0))
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: OscillatorsSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        return parts(self._energies, edges.positions)

    def _energies(self, positions):
        x, y, z = positions
        return HEIGHT / jnp.cosh(x / LENGTH) ** 2 + 0.5 * self.walls[0] * y**2 + 0.5 * self.walls[1] * z**2


class LEPS(AbstractPotential):
    """London, Eyring, Polanyi, Sato: up to three hydrogen atoms in space; a barrier of some 0.6 eV at a linear H3."""

    cutoff: float = eqx.field(static=True, default=0.0)
    spec: OscillatorsSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        atoms = edges.positions.shape[1]
        return parts(lambda positions: jnp.full(atoms, self.energy(positions) / atoms), edges.positions)

    def energy(self, positions):
        first, second = np.triu_indices(positions.shape[1], k=1)
        if not len(first):
            return 0.0 * positions.sum()
        away = jnp.linalg.norm(positions[:, first] - positions[:, second], axis=0)
        depth, steep, length, sato = 4.7466, 1.942, 0.7414, 0.1
        decay = jnp.exp(-steep * (away - length))
        morse, anti = depth * decay * (decay - 2), 0.5 * depth * decay * (decay + 2)
        coulomb = 0.5 * ((1 + sato) * morse + (1 - sato) * anti)
        exchange = 0.5 * ((1 + sato) * morse - (1 - sato) * anti)
        if len(first) == 1:
            return (coulomb + exchange)[0] / (1 + sato)
        apart = exchange - jnp.roll(exchange, 1)
        return (coulomb.sum() - jnp.sqrt(0.5 * jnp.sum(apart**2))) / (1 + sato)


def parts(energies, positions) -> Parts:
    """Of the energies of atoms as a function of positions."""
    slope = jax.grad(lambda moved: energies(moved).sum())(positions)
    return energies(positions), -slope, slope @ positions.T


def atoms_at(positions, masses=None) -> System:
    """Hydrogen atoms in no cell."""
    positions = jnp.asarray(positions, float)
    count = len(positions)
    masses = jnp.full(count, MASS) if masses is None else jnp.asarray(masses)
    return System(positions, jnp.full(count, 1, jnp.int32), masses, jnp.zeros((3, 3)))


def hydrogen_exchange(turn=None) -> list[System]:
    """A guess of the saddle, the atom, and the molecule that it meets; turned in space."""
    turn = np.eye(3) if turn is None else turn
    guess = np.array([[-0.95, 0.02, 0.0], [0.0, -0.01, 0.02], [0.9, 0.0, 0.0]])
    return [atoms_at(places @ turn.T) for places in (guess, np.zeros((1, 3)), np.array([[0.0, 0, 0], [0.8, 0, 0]]))]
