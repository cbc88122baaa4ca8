"""The Lennard-Jones potential."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int
from pydantic import model_validator

from ..params import Energy, Length, Positive
from ._pair import AbstractPairPotential
from ._reciprocal import reciprocal
from ._spec import potentials
from ._switch import switch
from ._tables import TabulatedSpec, arithmetic, geometric, of_pair, stored

_NOBLE = {"Ne": (0.0031, 2.74), "Ar": (0.0104, 3.40), "Kr": (0.0140, 3.65), "Xe": (0.0200, 3.98)}
"""Depth (eV) and diameter (Å)."""
_REACH = 2.5
"""Cutoff in diameters when none is given."""


class LennardJones(AbstractPairPotential):
    r"""$4\varepsilon[(\sigma/r)^{12} - (\sigma/r)^6]$ below the cutoff."""

    epsilon: Float[Array, "species species"]
    sigma: Float[Array, "species species"]
    cutoff: float = eqx.field(static=True)
    spec: "LennardJonesSpec" = eqx.field(static=True)

    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """By the chosen way of ending at the cutoff."""
        epsilon, sigma2 = of_pair(self.epsilon, own, other), of_pair(self.sigma, own, other) ** 2
        energy = _plain(epsilon, sigma2 * reciprocal(r2))
        if self.spec.style == "shifted":
            return energy - _plain(epsilon, sigma2 / self.cutoff**2)
        return energy * switch(r2, self.cutoff) if self.spec.style == "smooth" else energy


def _plain(epsilon, s2):
    s6 = s2**3
    return 4 * epsilon * s6 * (s6 - 1)


@potentials.register("lennard-jones")
class LennardJonesSpec(TabulatedSpec):
    """Lennard-Jones 12-6: noble gases, and the reference liquid of simulation.

    ??? cite "Reference"
        Noble gases: N. Bernardes, *Phys. Rev.* **112**, 1534 (1958), doi:10.1103/PhysRev.112.1534, as tabulated by
        N. W. Ashcroft and N. D. Mermin, *Solid State Physics* (1976), table 20.2. Mixtures: Lorentz-Berthelot.
    """

    origin: ClassVar[str] = "Bernardes 1958, Phys. Rev. 112, 1534; Lorentz-Berthelot mixtures"
    licence: ClassVar[str] = "published parameters"
    default_rank: ClassVar[int | None] = 10
    known: ClassVar[tuple[str, ...]] = tuple(_NOBLE)

    epsilon: Annotated[Energy, Positive] | None = None
    """Depth of the well; with sigma: all atoms are alike, whatever their element. By default from a table."""
    sigma: Length | None = None
    """Distance at which the energy crosses zero."""
    cutoff: Length | None = None
    """Distance beyond which atoms do not interact; 2.5 times the largest sigma by default."""
    style: Literal["truncated", "shifted", "smooth"] = "smooth"
    """How it ends at the cutoff: a step in the energy, a step in the force, or a quintic switch over the last fifth
    (no step up to the second derivative)."""

    @model_validator(mode="after")
    def _both_or_none(self) -> "LennardJonesSpec":
        if (self.epsilon is None) != (self.sigma is None):
            raise ValueError(f"epsilon ({self.epsilon}) and sigma ({self.sigma}) come together; give both or none")
        if self.epsilon is not None and self.species:
            raise ValueError(
                "species come from the table, epsilon and sigma stand for any element; give one or the other"
            )
        return self

    @property
    def elements(self) -> tuple[str, ...] | None:
        """The noble gases; None, any, when epsilon and sigma are given."""
        return super().elements if self.epsilon is None else None

    @property
    def coverage(self) -> str:
        """The elements in the table, or any."""
        return super().coverage + (" (with epsilon and sigma any)" if self.elements else "")

    def build(self) -> LennardJones:
        """The potential."""
        rows = [(self.epsilon, self.sigma)] if self.elements is None else [_NOBLE[symbol] for symbol in self.elements]
        epsilon, sigma = np.array(rows).T
        return LennardJones(
            epsilon=stored(geometric(epsilon), self.precision),
            sigma=stored(arithmetic(sigma), self.precision),
            cutoff=self.cutoff or _REACH * float(sigma.max()),
            spec=self,
        )
