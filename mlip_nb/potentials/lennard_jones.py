"""The Lennard-Jones potential."""

from typing import Annotated, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ..params import Energy, Length, Positive
from ._base import AbstractPairPotential, PotentialSpec, potentials


class LennardJones(AbstractPairPotential):
    r"""$4\varepsilon[(\sigma/r)^{12} - (\sigma/r)^6]$ below the cutoff, for one kind of atom."""

    epsilon: Float[Array, ""]
    sigma: Float[Array, ""]
    cutoff: float = eqx.field(static=True)
    spec: "LennardJonesSpec" = eqx.field(static=True)

    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """By the chosen way of ending at the cutoff."""
        ...


@potentials.register("lennard-jones")
class LennardJonesSpec(PotentialSpec):
    """Lennard-Jones 12-6: noble gases, and the reference liquid of simulation."""

    epsilon: Annotated[Energy, Positive] = 0.0104
    """Depth of the well."""
    sigma: Length = 3.40
    """Distance at which the energy crosses zero."""
    cutoff: Length = 8.5
    """Distance beyond which atoms do not interact."""
    style: Literal["truncated", "shifted", "smooth"] = "smooth"
    """Ending at the cutoff: a step in the energy, a step in the force, or neither (needed to conserve energy)."""
