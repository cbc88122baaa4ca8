"""Langevin dynamics in the limit of strong friction: sampling without inertia."""

from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Live, Rate, TargetTemperature
from ..system import System
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, Surface, ensembles
from ._middle import Bath
from ._momenta import check_free, noise, without_drift


class LeimkuhlerMatthews(AbstractIntegrator):
    r"""BAOAB when friction has grown beyond all bounds.

    $$x_{n+1} = x_n + \frac{h}{\gamma m} F(x_n) + \sqrt{\frac{2h}{\gamma}}\,\frac{p_n + p_{n+1}}{2m},
    \qquad p_n = \sqrt{m k_B T}\,\xi_n$$

    The average of two successive noises is what makes configurational averages second order, where Euler–Maruyama
    has first, and those of harmonic modes exact at any stable timestep, $\omega^2 h/\gamma < 2$. A step moves atoms
    as far as one of Langevin dynamics of length $\sqrt{2h/\gamma}$.

    Without inertia there are no velocities. The momenta of a state are the $p_n$ above, Maxwell's: they and the
    kinetic temperature tell of the bath, and nothing of the configuration.

    ??? cite "Reference"
        B. Leimkuhler, C. Matthews, *Appl. Math. Res. Express* **2013**, 34 (2013), doi:10.1093/amrx/abs010
    """

    timestep: float = eqx.field(static=True)
    fix_center: bool = eqx.field(static=True, default=False)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    @property
    def holds_center(self) -> bool:
        """As was asked for."""
        return self.fix_center

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key, and no heat exchanged yet."""
        return Bath.fresh(key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step; the bath gives what the forces take, by the trapezoidal rule."""
        key, draw = jax.random.split(state.bath.key)
        momenta = self._momenta(state, controls, key=draw)
        slowness = self.timestep / controls["friction"]
        push = slowness * state.forces + jnp.sqrt(slowness / 2) * (state.momenta + momenta)
        positions = state.positions + push / state.masses
        _, forces, _ = surface(positions, state.cell)
        heat = state.bath.heat - 0.5 * jnp.sum((state.forces + forces) * push / state.masses)
        return eqx.tree_at(
            lambda s: (s.positions, s.momenta, s.forces, s.bath, s.step),
            state,
            (positions, momenta, forces, Bath(key, heat), state.step + 1),
        )

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The potential energy less the heat taken from the bath."""
        return potential_energy - state.bath.heat

    def _momenta(self, state: MDState, controls: Controls, *, key: PRNGKeyArray) -> Float[Array, "3 atoms"]:
        momenta = jnp.sqrt(controls["temperature"] * state.masses) * noise(state, key)
        return without_drift(momenta, state.masses) if self.fix_center else momenta


@ensembles.register("brownian")
class Brownian(Ensemble):
    """Constant temperature without inertia (overdamped Langevin): samples configurations; velocities mean nothing."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    friction: Annotated[Rate, Live(1, 5000)] = 1000.0
    """How strong the drag is; atoms diffuse with kT/(mass × friction). Far too weak a drag makes steps unstable."""
    fix_center: bool = False
    """Hold the centre of mass in place; the rest is sampled as before."""

    def prepare(self, system: System, timestep: float) -> None:
        """Refuse to hold the centre of mass of what does not move freely.

        **Raises:** `InputError` that says why.
        """
        if self.fix_center:
            check_free(system)

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """Leimkuhler and Matthews' scheme."""
        return LeimkuhlerMatthews(timestep, self.fix_center)
