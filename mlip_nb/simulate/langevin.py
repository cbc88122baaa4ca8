"""Constant temperature by friction and noise: Langevin dynamics, BAOAB splitting."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Live, Rate, TargetTemperature
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, Surface, ensembles, kinetic_energy
from ._jaxmd import JaxMDLangevin, LangevinBath
from ._momenta import noise


class BAOAB(AbstractIntegrator):
    r"""B A O A (force) B, with the exact Ornstein–Uhlenbeck step O.

    O: $p \leftarrow c p + \sqrt{(1 - c^2) m k_B T}\,\xi$, $c = e^{-\gamma h}$. Configurations of a harmonic
    mode are sampled exactly at any stable timestep; its on-step kinetic energy is low by $1 - (\omega h)^2/4$.

    ??? cite "Reference"
        B. Leimkuhler, C. Matthews, *Appl. Math. Res. Express* **2013**, 34 (2013), doi:10.1093/amrx/abs010
    """

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> LangevinBath:
        """A random key, and no heat exchanged yet."""
        return LangevinBath(key, jnp.zeros(()))

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step; the bath keeps the energy it gave."""
        half = 0.5 * self.timestep
        momenta = state.momenta + half * state.forces
        positions = state.positions + half * momenta / state.masses
        before = kinetic_energy(momenta, state.masses)
        momenta, key = self._thermalise(momenta, state, controls)
        heat = state.bath.heat + kinetic_energy(momenta, state.masses) - before
        positions = positions + half * momenta / state.masses
        _, forces, _ = surface(positions, state.cell)
        momenta = momenta + half * forces
        return eqx.tree_at(
            lambda s: (s.positions, s.momenta, s.forces, s.bath, s.step),
            state,
            (positions, momenta, forces, LangevinBath(key, heat), state.step + 1),
        )

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less the heat taken from the bath (Bussi and Parrinello's effective energy)."""
        return potential_energy + state.kinetic_energy - state.bath.heat

    def _thermalise(self, momenta, state: MDState, controls: Controls):
        """The O step."""
        key, draw = jax.random.split(state.bath.key)
        keep = jnp.exp(-controls["friction"] * self.timestep)
        width = jnp.sqrt(controls["temperature"] * (1 - keep**2) * state.masses)
        return keep * momenta + width * noise(state, draw), key


@ensembles.register("nvt-langevin")
class NVTLangevin(Ensemble):
    """Constant temperature (Langevin, BAOAB): samples the canonical ensemble."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    friction: Annotated[Rate, Live(0, 50)] = 1.0
    """Coupling to the bath: how fast velocities forget; 1/ps barely disturbs the dynamics, 10/ps equilibrates fast."""
    engine: Literal["fused", "jax-md"] = "fused"
    """Who takes the step: our fused integrator, or jax_md's, its reference."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """BAOAB."""
        return BAOAB(timestep) if self.engine == "fused" else JaxMDLangevin(timestep)
