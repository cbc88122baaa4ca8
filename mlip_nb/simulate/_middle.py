"""The middle scheme: half a step of dynamics, the thermostat, half a step of dynamics."""

import abc
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ._base import AbstractIntegrator, Controls, MDState, Surface, kinetic_energy


class Bath(eqx.Module):
    """What a random thermostat carries along."""

    key: PRNGKeyArray
    heat: Float[Array, ""]
    """Energy it has given, eV; a long sum of small terms, in full precision even where momenta are not."""

    @classmethod
    def fresh(cls, key: PRNGKeyArray) -> "Bath":
        """Before any heat has flowed."""
        return cls(key, jnp.zeros(()))


class AbstractMiddle(AbstractIntegrator):
    r"""B A (thermostat) A (force) B, for any thermostat of momenta that keeps their canonical law.

    Configurations of harmonic modes are sampled exactly at any stable timestep. Momenta right after the thermostat
    have exactly the target temperature; those of the state, half a kick later, are low by $1 - (\omega h)^2/4$.
    """

    timestep: eqx.AbstractVar[float]
    order: eqx.AbstractClassVar[int]
    conserves_momentum: eqx.AbstractClassVar[bool]
    changes_cell: ClassVar[bool] = False

    @abc.abstractmethod
    def thermalise(
        self, momenta: Float[Array, "3 atoms"], state: MDState, controls: Controls, *, key: PRNGKeyArray
    ) -> Float[Array, "3 atoms"]:
        """The momenta a whole timestep of the thermostat later."""

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key, and no heat exchanged yet."""
        return Bath.fresh(key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step; the bath keeps the energy it gave."""
        half = 0.5 * self.timestep
        key, draw = jax.random.split(state.bath.key)
        arriving = state.momenta + half * state.forces
        positions = state.positions + half * arriving / state.masses
        leaving = self.thermalise(arriving, state, controls, key=draw)
        heat = kinetic_energy(leaving, state.masses) - kinetic_energy(arriving, state.masses)
        positions = positions + half * leaving / state.masses
        _, forces, _ = surface(positions, state.cell)
        return eqx.tree_at(
            lambda s: (s.positions, s.momenta, s.forces, s.bath, s.step),
            state,
            (positions, leaving + half * forces, forces, Bath(key, state.bath.heat + heat), state.step + 1),
        )

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less the heat taken from the bath (Bussi and Parrinello's effective energy)."""
        return potential_energy + state.kinetic_energy - state.bath.heat

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those right after the thermostat: half a kick ago. At the start there was none."""
        return state.momenta - jnp.where(state.step > 0, 0.5 * self.timestep, 0) * state.forces
