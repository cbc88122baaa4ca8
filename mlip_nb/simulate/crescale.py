"""Constant pressure or stress by random rescaling of the cell; it relaxes without ringing, from bad starts too."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Compressibility, Duration, Live, TargetTemperature
from ._barostat import AbstractBarostat, Deformation, Load, Pressurised, flow, refuse_held, volume
from ._base import AbstractIntegrator, Controls, MDState, Surface, ensembles, kinetic_energy
from ._middle import AbstractMiddle, Bath
from .csvr import StochasticRescaling
from .langevin import BAOAB


class Rescaling(eqx.Module):
    r"""The random strain of a step.

    With independent normal numbers dW along each free strain,

    $$d\varepsilon = \frac{\beta_T}{3\tau}(\mathcal P - P_0 + \sigma_0)\,dt
    + \sqrt{\frac{2 k_B T\beta_T}{3\tau V}}\,dW,$$

    whose trace, $d\ln V$, is Bernetti and Bussi's equation. It is logarithmic, $h' = h e^\varepsilon$: in ln V the
    noise causes no drift. The target σ₀ is the true (Cauchy) stress in a frame that turns with the cell, so that the
    mean is met however far the cell deforms. No energy belongs to such a load: without inertia that is harmless, to
    second order in strain.

    ??? cite "Reference"
        M. Bernetti, G. Bussi, *J. Chem. Phys.* **153**, 114107 (2020), doi:10.1063/5.0020514;
        V. Del Tatto, P. Raiteri, M. Bernetti, G. Bussi, *Appl. Sci.* **12**, 1139 (2022), doi:10.3390/app12031139
    """

    load: Load
    mobility: float = eqx.field(static=True)
    """β_T / τ, internal units: compressibility over pressure time."""

    def strain(
        self,
        inner: Float[Array, "3 3"],
        cell: Float[Array, "3 3"],
        controls: Controls,
        *,
        duration: float,
        key: PRNGKeyArray,
    ) -> Float[Array, "3 3"]:
        """Of one step, along the free strains; `inner` is the inner pressure times the volume, eV."""
        size, dtype = volume(cell), cell.dtype
        target = self.load.tensor(dtype) - controls["pressure"] * jnp.eye(3, dtype=dtype)
        mobility = self.mobility * duration / (3 * size)
        white = jax.random.normal(key, (3, 3), dtype)
        width = jnp.sqrt(2 * controls["temperature"] * mobility)
        return self.load.free(mobility * (inner + size * target) + width * white)


class CellRescaling(AbstractBarostat):
    r"""Half a kick, half a drift, the thermostat, a strain, half a drift, forces, half a kick.

    Of the strain (see `Rescaling`) atoms have $r' = r e^\varepsilon$, $p' = p e^{-\varepsilon}$. Momenta are read where
    the thermostat leaves them, so that pressures balance at any timestep. First order in timestep over relaxation
    time.
    """

    timestep: float = eqx.field(static=True)
    rescaling: Rescaling
    thermostat: AbstractMiddle
    order: ClassVar[int] = 1
    conserves_momentum: ClassVar[bool] = False

    @property
    def load(self) -> Load:
        """That of the strain."""
        return self.rescaling.load

    @property
    def holds_center(self) -> bool:
        """As the thermostat does: the barostat keeps a total momentum of zero."""
        return self.thermostat.conserves_momentum

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key; heat is the energy from thermostat and barostat together.

        **Raises:** `InputError` when atoms are held in place.
        """
        refuse_held(state)
        return Bath.fresh(key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step; forces and strain derivative are evaluated once."""
        half, masses = 0.5 * self.timestep, state.masses
        key, heating, straining = jax.random.split(state.bath.key, 3)
        arriving = state.momenta + half * state.forces
        positions = state.positions + half * arriving / masses
        momenta = self.thermostat.thermalise(arriving, state, with_friction(controls), key=heating)
        inner = flow(momenta, masses) - state.strain
        strain = self.rescaling.strain(inner, state.cell, controls, duration=self.timestep, key=straining)
        change = Deformation.of(state.cell, strain)
        leaving = change.shrink @ momenta
        positions = change.stretch @ positions + half * leaving / masses
        _, forces, derivative = surface(positions, change.cell)
        work = change.work(state.strain, derivative)
        heat = work + kinetic_energy(leaving, masses) - kinetic_energy(arriving, masses)
        return eqx.tree_at(
            lambda s: (s.positions, s.momenta, s.forces, s.strain, s.cell, s.bath, s.step),
            state,
            (
                positions,
                leaving + half * forces,
                forces,
                derivative,
                change.cell,
                Bath(key, state.bath.heat + heat),
                state.step + 1,
            ),
        )

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less what thermostat and barostat have given, mechanical work included."""
        return potential_energy + state.kinetic_energy - state.bath.heat

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those of the last half of the drift."""
        return self.thermostat.thermal_momenta(state)


class Rescaled(Pressurised):
    """The settings that ensembles with a randomly rescaled cell have."""

    compressibility: Compressibility = 0.01
    """About that of the material: 0.01 for a hard solid, 0.5 for water; it only sets the pace, with pressure_time."""
    thermostat_time: Annotated[Duration, Live(1, 5000)] = 100.0
    """How fast the kinetic energy relaxes."""

    @property
    def rescaling(self) -> Rescaling:
        """The strain of a step, internal units."""
        return Rescaling(self.load, self.internal("compressibility") / self.internal("pressure_time"))


@ensembles.register("npt-crescale")
class NPTRescaling(Rescaled):
    """Constant pressure or stress and temperature (stochastic cell rescaling): robust from any start."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    thermostat: Literal["rescaling", "langevin"] = "rescaling"
    """One random factor for all velocities, or friction and noise for each atom, which move the centre of mass too."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """The middle scheme with a strain beside the thermostat."""
        thermostat = StochasticRescaling(timestep) if self.thermostat == "rescaling" else BAOAB(timestep)
        return CellRescaling(timestep, self.rescaling, thermostat)


def with_friction(controls: Controls) -> Controls:
    """For a thermostat that asks for friction: kinetic energies relax twice as fast as momenta."""
    return {**controls, "friction": 0.5 / controls["thermostat_time"]}
