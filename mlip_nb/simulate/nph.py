"""Constant pressure or stress, and constant enthalpy: a barostat without thermostats."""

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Temperature
from ._barostat import AbstractBarostat, Load, Pressurised
from ._base import AbstractIntegrator, Controls, MDState, Surface, ensembles
from ._piston import Piston, piston_energy, piston_mass, piston_step


class Isenthalpic(AbstractBarostat):
    """The piston alone: equations of motion in `_piston.piston_step`, reference with `MartynaTobiasKlein`."""

    timestep: float = eqx.field(static=True)
    load: Load
    pressure_time: float = eqx.field(static=True)
    """Internal units."""
    temperature: float = eqx.field(static=True)
    """k_B T, eV, that the mass of the piston is made for."""
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Piston:
        """A cell at rest."""
        return Piston.at_rest(state)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step, the same backwards."""
        state, piston = piston_step(state, state.bath, surface, self.load, self._mass(state), self.timestep, controls)
        return eqx.tree_at(lambda s: s.bath, state, piston)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The enthalpy, the motion of the cell included."""
        return (
            potential_energy
            + state.kinetic_energy
            + piston_energy(state, state.bath, self.load, self._mass(state), controls)
        )

    def _mass(self, state: MDState) -> Float[Array, ""]:
        return piston_mass(state, self.temperature, self.pressure_time)


@ensembles.register("nph")
class NPH(Pressurised):
    """Constant pressure or stress, and constant enthalpy: a cell that moves, and nothing that heats or cools.

    A stress is a tension with respect to the cell at the start.
    """

    temperature: Temperature = 300.0
    """Temperature of the initial velocities, drawn when the structure brings none, and for the mass of the barostat."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """The piston alone."""
        return Isenthalpic(timestep, self.load, self.internal("pressure_time"), self.internal("temperature"))
