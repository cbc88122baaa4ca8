"""jax_md's integrators behind our interface: the reference of the fused ones, and a choice.

jax_md takes seconds to import, so it is imported when a step is traced. Its states are made from ours and
taken apart again at each step, in the caller's order, so that both engines draw the same noise.
"""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ._base import AbstractIntegrator, Controls, MDState, Surface, kinetic_energy


class LangevinBath(eqx.Module):
    """What a Langevin thermostat carries along."""

    key: PRNGKeyArray
    heat: Float[Array, ""]
    """Energy the bath has given, eV."""


class JaxMDVelocityVerlet(AbstractIntegrator):
    """`jax_md.simulate.nve`. It rounds the timestep to float32."""

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> PyTree:
        """Nothing."""
        return None

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md."""
        from jax_md import simulate

        rows = simulate.NVEState(**_rows(state))
        _, apply = simulate.nve(_row_forces(state, surface), _shift, self.timestep)
        return _columns(state, apply(rows), None)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy."""
        return potential_energy + state.kinetic_energy


class JaxMDLangevin(AbstractIntegrator):
    """`jax_md.simulate.nvt_langevin`: BAOAB."""

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> LangevinBath:
        """A random key, and no heat exchanged yet."""
        return LangevinBath(key, jnp.zeros(()))

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md; the heat is what its O step did, seen between the two half kicks."""
        from jax_md import simulate

        rows = simulate.NVTLangevinState(**_rows(state), rng=state.bath.key)
        _, apply = simulate.nvt_langevin(
            _row_forces(state, surface), _shift, self.timestep, controls["temperature"], controls["friction"]
        )
        moved = apply(rows)
        new = _columns(state, moved, state.bath)
        half = 0.5 * self.timestep
        before = kinetic_energy(state.momenta + half * state.forces, state.masses)
        after = kinetic_energy(new.momenta - half * new.forces, state.masses)
        return eqx.tree_at(lambda s: s.bath, new, LangevinBath(moved.rng, state.bath.heat + after - before))

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less the heat taken from the bath."""
        return potential_energy + state.kinetic_energy - state.bath.heat


def _shift(positions, displacement):
    """Positions stay unwrapped: the neighbour table finds images by itself."""
    return positions + displacement


def _rows(state: MDState) -> dict[str, Array]:
    rank = jnp.argsort(state.order)
    columns = {"position": state.positions, "momentum": state.momenta, "force": state.forces}
    return {name: values[:, rank].T for name, values in columns.items()} | {"mass": state.masses[rank][:, None]}


def _row_forces(state: MDState, surface: Surface):
    rank = jnp.argsort(state.order)
    return lambda positions: surface(positions[state.order].T, state.cell)[1][:, rank].T


def _columns(state: MDState, rows, bath: PyTree) -> MDState:
    back = [values[state.order].T for values in (rows.position, rows.momentum, rows.force)]
    return eqx.tree_at(lambda s: (s.positions, s.momenta, s.forces, s.step), state, (*back, state.step + 1))
