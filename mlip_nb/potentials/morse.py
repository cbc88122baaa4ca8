"""The Morse potential."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int
from pydantic import model_validator

from ..params import Energy, InverseLength, Length, Positive
from ._pair import AbstractPairPotential
from ._spec import PotentialSpec, potentials
from ._switch import switch
from ._tables import stored

_METALS = {
    "Al": (0.2703, 1.1646, 3.253),
    "Ca": (0.1623, 0.80535, 4.569),
    "Cr": (0.4414, 1.5721, 2.754),
    "Fe": (0.4174, 1.3885, 2.845),
    "Ni": (0.4205, 1.4199, 2.780),
    "Cu": (0.3429, 1.3588, 2.866),
    "Mo": (0.8032, 1.5079, 2.976),
    "Ag": (0.3323, 1.3690, 3.115),
    "W": (0.9906, 1.4116, 3.032),
    "Pb": (0.2348, 1.1836, 3.733),
}
"""Depth (eV), decay (1/Å), distance (Å)."""
_REACH = 8.0
"""Cutoff beyond the minimum, in decay lengths, when none is given: the tail is a thousandth of the depth."""


class Morse(AbstractPairPotential):
    r"""$D[e^{-2\alpha(r-r_0)} - 2e^{-\alpha(r-r_0)}]$ for one kind of atom, switched off by a quintic polynomial."""

    depth: Float[Array, ""]
    alpha: Float[Array, ""]
    distance: Float[Array, ""]
    cutoff: float = eqx.field(static=True)
    spec: "MorseSpec" = eqx.field(static=True)

    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """The same for all pairs."""
        decay = jnp.exp(-self.alpha * (jnp.sqrt(r2) - self.distance))
        return self.depth * decay * (decay - 2) * switch(r2, self.cutoff)


@potentials.register("morse")
class MorseSpec(PotentialSpec):
    """Morse: pairs of atoms of a cubic metal, or any bond with three parameters of your own.

    ??? cite "Reference"
        L. A. Girifalco and V. G. Weizer, *Phys. Rev.* **114**, 687 (1959), doi:10.1103/PhysRev.114.687: fitted to
        lattice constant, energy of vaporisation and compressibility.
    """

    origin: ClassVar[str] = "Girifalco & Weizer 1959, Phys. Rev. 114, 687"
    licence: ClassVar[str] = "published parameters"

    element: Literal["Al", "Ca", "Cr", "Fe", "Ni", "Cu", "Mo", "Ag", "W", "Pb"] = "Cu"
    """The metal whose parameters are taken, unless depth, alpha and distance are given."""
    depth: Annotated[Energy, Positive] | None = None
    """Depth of the well; with alpha and distance: all atoms are alike, whatever their element."""
    alpha: InverseLength | None = None
    """Inverse width of the well."""
    distance: Length | None = None
    """Distance of the minimum."""
    cutoff: Length | None = None
    """Distance beyond which atoms do not interact; eight decay lengths beyond the minimum by default."""

    @model_validator(mode="after")
    def _all_or_none(self) -> "MorseSpec":
        given = [self.depth, self.alpha, self.distance]
        if None in given and given != [None] * 3:
            raise ValueError(f"depth, alpha and distance come together (got {given}); give all three or none")
        return self

    @property
    def elements(self) -> tuple[str, ...] | None:
        """The chosen metal; None, any, when the parameters are given."""
        return (self.element,) if self.depth is None else None

    @property
    def coverage(self) -> str:
        """The chosen metal, and what else may be chosen."""
        others = ", ".join(symbol for symbol in _METALS if symbol != self.element)
        return f"{self.element} (with element also {others})" if self.elements else super().coverage

    def build(self) -> Morse:
        """The potential."""
        given = (self.depth, self.alpha, self.distance)
        depth, alpha, distance = _METALS[self.element] if self.depth is None else given
        return Morse(
            depth=stored(depth, self.precision),
            alpha=stored(alpha, self.precision),
            distance=stored(distance, self.precision),
            cutoff=self.cutoff or distance + _REACH / alpha,
            spec=self,
        )
