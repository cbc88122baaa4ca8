"""What moves ring polymers and does something about it."""

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray

from ..simulate import AbstractIntegrator, Bath, BeadParts, Controls, MDState, Ring, Surface
from .integrator import RingPolymer


class AroundPolymer(AbstractIntegrator):
    """A ring polymer with something added to its steps; what is not said otherwise is as the polymer has it."""

    polymer: eqx.AbstractVar[RingPolymer]
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    @property
    def timestep(self) -> float:
        """That of the polymer."""
        return self.polymer.timestep

    @property
    def holds_center(self) -> bool:
        """As the polymer."""
        return self.polymer.holds_center

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """That of the polymer."""
        return self.polymer.bath(state, key=key)

    def ring(self, state: MDState) -> Ring:
        """That of the polymer."""
        return self.polymer.ring(state)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """As the polymer."""
        return self.polymer.conserved(state, potential_energy, controls)

    def observe(self, state: MDState, parts: BeadParts, surface: Surface, controls: Controls) -> dict[str, Array]:
        """As the polymer."""
        return self.polymer.observe(state, parts, surface, controls)

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those of the polymer."""
        return self.polymer.thermal_momenta(state)
