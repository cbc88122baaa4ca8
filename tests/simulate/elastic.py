"""Atoms on springs in an elastic cell: every strain, stress and average is known in closed form; and the ideal gas."""

import equinox as eqx
import jax
import jax.numpy as jnp

from mlip_nb import units
from mlip_nb.simulate import draw_momenta, ensembles, start_state
from mlip_nb.system import System

TIME = units.from_internal(1.0, "fs")
"""The internal time unit, fs."""
PER_PRESSURE = units.from_internal(1.0, "1/GPa")
"""1 Å³/eV, 1/GPa."""
COUPLINGS = ("isotropic", "anisotropic", "triclinic")


class Elastic(eqx.Module):
    """½ k Σ (r - s)² + ½ c Σ η², with Green's strain η of the cell, and sites s that it and the atoms carry along."""

    cell: jax.Array
    sites: jax.Array
    spring: float = 1.0
    modulus: float = 50.0
    """c, eV: elastic constant times volume."""

    def energy(self, positions, cell):
        away = positions - (jnp.linalg.inv(self.cell) @ cell).T @ self.sites
        # Nothing holds the atoms as a whole: their momentum is conserved.
        away = away - away.mean(axis=1, keepdims=True)
        return 0.5 * self.spring * jnp.sum(away**2) + 0.5 * self.modulus * jnp.sum(self.strain(cell) ** 2)

    def strain(self, cell):
        """Green's."""
        change = jnp.linalg.inv(self.cell) @ cell
        return 0.5 * (change @ change.T - jnp.eye(3, dtype=cell.dtype))

    def __call__(self, positions, cell):
        return parts_of(self.energy, positions, cell)


def parts_of(energy, positions, cell):
    """Energies of atoms, forces and strain derivative of an `energy(positions, cell)`."""

    def stretched(strain):
        change = jnp.eye(3, dtype=cell.dtype) + strain
        return energy(change.T @ positions, cell @ change)

    energies = jnp.full_like(positions[0], energy(positions, cell) / positions.shape[1])
    return energies, -jax.grad(energy)(positions, cell), jax.grad(stretched)(jnp.zeros_like(cell))


def ideal(positions, cell):
    """No forces at all."""
    return jnp.zeros(positions.shape[1]), jnp.zeros_like(positions), jnp.zeros((3, 3))


def box(atoms: int, volume: float) -> System:
    """Different masses, scattered in a cube."""
    length = volume ** (1 / 3)
    positions = length * jax.random.uniform(jax.random.PRNGKey(9), (atoms, 3))
    return System(
        positions, jnp.full(atoms, 1, jnp.int32), jnp.linspace(1, 2, atoms), length * jnp.eye(3), None, (True,) * 3
    )


def controls(**values):
    """Targets as an integrator takes them."""
    known = {"temperature": 1.0, "pressure": 0.0, "thermostat_time": 1.0, **values}
    return {name: jnp.asarray(value) for name, value in known.items()}


def barostat(name: str, *, time: float, **fields):
    """An ensemble whose pressure time is in internal units, and its compressibility 1 Å³/eV where it has one."""
    fields |= {"compressibility": PER_PRESSURE} if name == "npt-crescale" else {}
    return ensembles[name](pressure_time=time * TIME, **fields)


def begin(system, integrator, surface, kT: float, key):
    """A state with momenta, forces and strain derivative."""
    draw, run = jax.random.split(key)
    state = start_state(system.with_momenta(draw_momenta(system, kT, key=draw)), integrator, key=run)
    _, forces, strain = surface(state.positions, state.cell)
    return eqx.tree_at(lambda s: (s.forces, s.strain), state, (forces, strain))


def follow(state, integrator, surface, targets, steps: int, every: int = 1):
    """The last state, and on the way cell, conserved quantity, and stress with its kinetic part."""

    def one(state, _):
        return integrator.step(state, surface, targets), None

    def some(state, _):
        state = jax.lax.scan(one, state, None, length=every)[0]
        energy = surface(state.positions, state.cell)[0].sum()
        kinetic = (state.momenta / state.masses) @ state.momenta.T
        stress = (state.strain - kinetic) / jnp.linalg.det(state.cell)
        return state, (state.cell, integrator.conserved(state, energy, targets), stress)

    return jax.lax.scan(some, state, None, length=steps // every)
