"""How far the members of a committee are apart."""

from collections.abc import Sequence
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import InputError
from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ..potentials.gaunt import Committee
from ._base import AbstractUncertainty, UncertaintySpec, forces_on, uncertainties

_ROUNDING = 32
"""Units in the last place of a typical force that mean nothing."""


class Spread(AbstractUncertainty):
    r"""$\sigma_i^2 = \frac13 \sum_a \operatorname{Var}_m F_{ia}^m$, with M - 1 in the denominator."""

    potential: Committee
    unit: ClassVar[str] = "eV/Å"

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """eV/Å."""
        forces = self.potential.each(lambda member: forces_on(member, graph))
        variance = jnp.mean(jnp.var(forces, axis=0, ddof=1), axis=0)
        # Members that agree but for rounding have nothing to climb, and the root has no slope at zero.
        agree = variance <= (_ROUNDING * jnp.finfo(variance.dtype).eps) ** 2 * jnp.mean(forces**2)
        return jnp.where(agree, 0.0, jnp.sqrt(jnp.where(agree, 1.0, variance)))


@uncertainties.register("committee")
class CommitteeSpread(UncertaintySpec):
    """How far the members of a committee are apart, in forces.

    ??? cite "Reference"
        B. Lakshminarayanan, A. Pritzel, C. Blundell, NeurIPS (2017), arXiv:1612.01474;
        C. Schran, K. Brezina, O. Marsalek, *J. Chem. Phys.* **153**, 104105 (2020), doi:10.1063/5.0016004
    """

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> Spread:
        """Needs no frames.

        **Raises:** `InputError` for a single potential.
        """
        if not isinstance(potential, Committee):
            raise InputError(
                f"{potential.spec.registered_name} is a single potential; train a committee (--members 5), or take the "
                "uncertainty 'last-layer'"
            )
        return Spread(potential)
