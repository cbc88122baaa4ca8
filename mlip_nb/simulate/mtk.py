"""Constant pressure or stress by an extended system: Martyna, Tobias and Klein's barostat with Nosé–Hoover chains."""

from typing import Annotated, ClassVar

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Duration, Live, TargetTemperature
from ._barostat import AbstractBarostat, Load, Pressurised
from ._base import AbstractIntegrator, Controls, MDState, Surface, ensembles
from ._chain import Chain, propagate
from ._piston import Piston, piston_energy, piston_mass, piston_step


class MTKBath(eqx.Module):
    """What the thermostatted barostat carries along."""

    piston: Piston
    particles: Chain
    barostat: Chain
    """A chain of its own: a barostat and phonons exchange little."""


class MartynaTobiasKlein(AbstractBarostat):
    """Chains half a step, an isenthalpic step, chains half a step. Measure-preserving and time-reversible.

    The equations of motion are those of `_piston.piston_step`; each chain has its own relaxation time.

    ??? cite "Reference"
        G. J. Martyna, D. J. Tobias, M. L. Klein, *J. Chem. Phys.* **101**, 4177 (1994), doi:10.1063/1.467468;
        M. E. Tuckerman et al., *J. Phys. A* **39**, 5629 (2006), doi:10.1088/0305-4470/39/19/S18
    """

    timestep: float = eqx.field(static=True)
    load: Load
    pressure_time: float = eqx.field(static=True)
    """Internal units."""
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> MTKBath:
        """Everything at rest."""
        dtype = state.momenta.dtype
        return MTKBath(Piston.at_rest(state), Chain.at_rest(dtype), Chain.at_rest(dtype))

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step, the same backwards."""
        mass = self._mass(state, controls)
        state = self._thermostats(state, controls, mass)
        state, piston = piston_step(state, state.bath.piston, surface, self.load, mass, self.timestep, controls)
        state = eqx.tree_at(lambda s: s.bath.piston, state, piston)
        return self._thermostats(state, controls, mass)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The enthalpy, and what piston and chains hold."""
        kT, bath, mass = controls["temperature"], state.bath, self._mass(state, controls)
        held = piston_energy(state, bath.piston, self.load, mass, controls)
        thermostat = bath.particles.energy(freedom=state.freedom, kT=kT, time=controls["thermostat_time"])
        barostat = bath.barostat.energy(freedom=self.load.strains, kT=kT, time=self.pressure_time)
        return potential_energy + state.kinetic_energy + held + thermostat + barostat

    def _mass(self, state: MDState, controls: Controls) -> Float[Array, ""]:
        return piston_mass(state, controls["temperature"], self.pressure_time)

    def _thermostats(self, state: MDState, controls: Controls, mass: Float[Array, ""]) -> MDState:
        """Half a step of both chains."""
        half, kT, bath = 0.5 * self.timestep, controls["temperature"], state.bath
        particles, slower = propagate(
            bath.particles, state.kinetic_energy, half, freedom=state.freedom, kT=kT, time=controls["thermostat_time"]
        )
        barostat, damped = propagate(
            bath.barostat,
            bath.piston.energy(mass),
            half,
            freedom=self.load.strains,
            kT=kT,
            time=self.pressure_time,
        )
        piston = eqx.tree_at(lambda p: p.rate, bath.piston, damped * bath.piston.rate)
        return eqx.tree_at(
            lambda s: (s.momenta, s.bath), state, (slower * state.momenta, MTKBath(piston, particles, barostat))
        )


@ensembles.register("npt-mtk")
class NPTMTK(Pressurised):
    """Constant pressure or stress and temperature (Martyna–Tobias–Klein with chains): deterministic and reversible.

    A stress is a tension with respect to the cell at the start: let npt-crescale find that cell where it deforms much.
    """

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    thermostat_time: Annotated[Duration, Live(10, 5000)] = 100.0
    """How slowly the chain of the particles answers; near a period of their vibrations is best."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """Martyna, Tobias and Klein's."""
        return MartynaTobiasKlein(timestep, self.load, self.internal("pressure_time"))
