"""Path integrals at constant pressure or stress: stochastic cell rescaling that acts on centroids."""

from typing import ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from pydantic import model_validator

from ..simulate import (
    BAOAB,
    AbstractBarostat,
    Bath,
    Controls,
    Deformation,
    Load,
    MDState,
    Rescaled,
    Rescaling,
    StochasticRescaling,
    Surface,
    flow,
    refuse_held,
    with_friction,
)
from ._around import AroundPolymer
from ._base import Rings, rings
from ._modes import Physical
from .integrator import RingPolymer


class PressedPolymer(AroundPolymer, AbstractBarostat):
    r"""A step of ring polymers with a strain of the cell in its middle, right after the thermostat.

    Centroids follow the strain, $\bar q' = \bar q e^\varepsilon$, $\bar p' = \bar p e^{-\varepsilon}$. What beads do
    about them does not: the partition function of P beads is $V^N$ times an integral over centroids in fractions of
    the cell and other modes in Å. The inner pressure is then

    $$V \mathcal P = \sum \frac{\bar p \bar p}{m} - \frac{\partial \bar V}{\partial\varepsilon}
    - \frac1P \sum_j u_j F_j,$$

    the centroid virial: springs do not enter. With one bead it is `CellRescaling`, step for step.

    ??? cite "Reference"
        G. J. Martyna, A. Hughes, M. E. Tuckerman, *J. Chem. Phys.* **110**, 3275 (1999), doi:10.1063/1.478193;
        the strain: M. Bernetti, G. Bussi, *J. Chem. Phys.* **153**, 114107 (2020), doi:10.1063/5.0020514
    """

    polymer: RingPolymer
    rescaling: Rescaling
    order: ClassVar[int] = 1

    @property
    def load(self) -> Load:
        """That of the strain."""
        return self.rescaling.load

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """That of the polymer; its heat is the energy from thermostats and barostat together.

        **Raises:** `InputError` when atoms are held in place.
        """
        refuse_held(state)
        return self.polymer.bath(state, key=key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step; forces and strain derivative are evaluated once for each bead."""
        controls, before = with_friction(controls), centroid_derivative(state)
        # The third key of three: the thermostat takes the first two, as that of point particles does.
        key = jax.random.split(state.bath.key, 3)[2]
        state = self.polymer.first_half(state, controls)
        inner = flow(state.momenta, state.masses) - before
        strain = self.rescaling.strain(inner, state.cell, controls, duration=self.timestep, key=key)
        change, kinetic = Deformation.of(state.cell, strain), state.kinetic_energy
        state = _deformed(state, change)
        gained = state.kinetic_energy - kinetic
        state = self.polymer.second_half(state, surface, controls)
        heat = state.bath.heat + gained + change.work(before, centroid_derivative(state))
        return eqx.tree_at(lambda s: s.bath.heat, state, heat)


@rings.register("npt-pile")
class NPTPILE(Rings, Rescaled):
    """Path integrals at constant pressure or stress: PILE, and a cell that is rescaled with the centroids.

    The pressure is that of the quantum system: nuclei that spread press on the cell.
    """

    thermostat: Literal["langevin", "rescaling"] = "langevin"
    """Of centroids: friction and noise for each (PILE-L), or one random factor for all their velocities (PILE-G)."""

    @model_validator(mode="after")
    def _has_estimators(self) -> "NPTPILE":
        if self.heat_capacity:
            raise ValueError("the heat capacity is that of constant volume; take pile-l or pile-g for it")
        if self.cheap is not None:
            raise ValueError("the pressure is not known with two potentials; leave out cheap")
        return self

    def integrator(self, timestep: float) -> PressedPolymer:
        """The strain stands in the middle of the splitting."""
        centroid = BAOAB if self.thermostat == "langevin" else StochasticRescaling
        polymer = self._polymer(timestep, inertia=Physical(), damping=1.0, centroid=centroid)
        return PressedPolymer(polymer, self.rescaling)


def centroid_derivative(state: MDState) -> Float[Array, "3 3"]:
    """Derivative of the mean energy with a strain that only centroids follow, eV.

    The derivative of the state has beads follow it, too; what they do about centroids is taken off by their forces.
    """
    about = jnp.einsum("kan,kbn->ab", state.ring.positions, state.ring.forces, precision="highest")
    return state.strain + 0.5 * (about + about.T)


def _deformed(state: MDState, change: Deformation) -> MDState:
    """Centroids carried along, the other modes in the frame of the cell."""
    moved = (
        change.cell,
        change.stretch @ state.positions,
        change.shrink @ state.momenta,
        change.turn @ state.ring.positions,
        change.turn @ state.ring.momenta,
    )
    return eqx.tree_at(lambda s: (s.cell, s.positions, s.momenta, s.ring.positions, s.ring.momenta), state, moved)
