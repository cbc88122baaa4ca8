"""Structures that a design is compared with, each at rest."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .freedom import Freedom
from .medium import Arrangement, Medium, Stage
from .relaxation import relaxed


class Partner(eqx.Module):
    """A structure beside the design, and what of it relaxes."""

    stage: Stage
    freedom: Freedom

    def energy_near(self, start: Arrangement, medium: Medium) -> Float[Array, ""]:
        """At the minimum near a start, eV; no number where that is far from the structure.

        Its derivatives by start and medium are those with coordinates held: at a minimum there are no others.
        """
        table = self.stage.neighbors(start)

        def energy(along, given):
            medium, start = given
            return self.stage.energy(medium, table, self.freedom.changed(along, start))

        rest = jax.lax.stop_gradient(relaxed(energy, jnp.zeros(self.freedom.size), (medium, start)))
        serves = self.stage.serves(medium, table, self.freedom.changed(rest, start))
        return jnp.where(serves, energy(rest, (medium, start)), jnp.nan)
