"""Constant temperature by a chain of thermostats: Nosé–Hoover, deterministic and reversible."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray

from .. import units
from ..errors import InputError
from ..params import Count, Duration, Live, TargetTemperature
from ..system import System
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, Surface, ensembles
from ._chain import LINKS, Chain, propagate
from ._jaxmd import JaxMDNoseHoover
from .nve import VelocityVerlet

_FASTEST = 10
"""Timesteps in the shortest thermostat time: the chain itself must be resolved."""


class NoseHoover(AbstractIntegrator):
    """Half a step of the chain, a step of velocity Verlet, half a step of the chain.

    ??? cite "Reference"
        G. J. Martyna, M. L. Klein, M. Tuckerman, *J. Chem. Phys.* **97**, 2635 (1992), doi:10.1063/1.463940
    """

    timestep: float = eqx.field(static=True)
    links: int = eqx.field(static=True, default=LINKS)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Chain:
        """A chain at rest."""
        return Chain.at_rest(state.momenta.dtype, self.links)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step."""
        state = self._half(state, controls)
        state = VelocityVerlet(self.timestep).step(state, surface, controls)
        return self._half(state, controls)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The energy of the system and of the chain."""
        return potential_energy + state.kinetic_energy + state.bath.energy(**_coupling(state, controls))

    def _half(self, state: MDState, controls: Controls) -> MDState:
        chain, scale = propagate(state.bath, state.kinetic_energy, 0.5 * self.timestep, **_coupling(state, controls))
        return eqx.tree_at(lambda s: (s.momenta, s.bath), state, (scale * state.momenta, chain))


@ensembles.register("nvt-nose-hoover")
class NVTNoseHoover(Ensemble):
    """Constant temperature (Nosé–Hoover chains): deterministic, reversible; samples the canonical ensemble."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    thermostat_time: Annotated[Duration, Live(10, 5000)] = 100.0
    """Period with which the chain exchanges energy; near that of the slower vibrations, ten timesteps at least."""
    links: Count = LINKS
    """Thermostats in the chain; one alone does not sample a small or stiff system."""
    engine: Literal["fused", "jax-md"] = "fused"
    """Who takes the step: our fused integrator, or jax_md's, its reference."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """Velocity Verlet between two halves of the chain."""
        kind = NoseHoover if self.engine == "fused" else JaxMDNoseHoover
        return kind(timestep, self.links)

    def prepare(self, system: System, timestep: float) -> None:
        """Refuse a chain that is faster than the timestep can resolve.

        **Raises:** `InputError` that names both.
        """
        if self.internal("thermostat_time") < _FASTEST * timestep * (1 - 1e-9):
            step = units.from_internal(timestep, "fs")
            raise InputError(
                f"thermostat_time {self.thermostat_time:g} fs is shorter than {_FASTEST} timesteps of {step:g} fs; "
                f"give {_FASTEST * step:g} fs or more, or a shorter timestep"
            )


def _coupling(state: MDState, controls: Controls) -> dict[str, Float[Array, ""]]:
    return {"freedom": state.freedom, "kT": controls["temperature"], "time": controls["thermostat_time"]}
