"""Constant energy: velocity Verlet."""

from typing import ClassVar, Literal

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ..params import Temperature
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, Surface, ensembles
from ._jaxmd import JaxMDVelocityVerlet


class VelocityVerlet(AbstractIntegrator):
    """Half a kick, a drift, forces, half a kick. Symplectic and time-reversible.

    ??? cite "Reference"
        W. C. Swope et al., *J. Chem. Phys.* **76**, 637 (1982), doi:10.1063/1.442716
    """

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> PyTree:
        """Nothing: the equation of motion is deterministic."""
        return None

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """B A force B."""
        momenta = state.momenta + 0.5 * self.timestep * state.forces
        positions = state.positions + self.timestep * momenta / state.masses
        _, forces, _ = surface(positions, state.cell)
        momenta = momenta + 0.5 * self.timestep * forces
        return eqx.tree_at(
            lambda s: (s.positions, s.momenta, s.forces, s.step),
            state,
            (positions, momenta, forces, state.step + 1),
        )

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy."""
        return potential_energy + state.kinetic_energy


@ensembles.register("nve")
class NVE(Ensemble):
    """Constant energy (velocity Verlet): Newton's equations and nothing else."""

    temperature: Temperature = 300.0
    """Temperature of the initial velocities, drawn when the structure brings none."""
    engine: Literal["fused", "jax-md"] = "fused"
    """Who takes the step: our fused integrator, or jax_md's, its reference."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """Velocity Verlet."""
        return VelocityVerlet(timestep) if self.engine == "fused" else JaxMDVelocityVerlet(timestep)
