"""An accurate potential in two parts: a cheap one, and what is missing from it."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from ..errors import InputError
from ..system import System
from ._base import AbstractPotential, Edges, Parts
from ._spec import PotentialSpec


class Corrected(AbstractPotential):
    """The accurate potential; who moves atoms may ask for its parts one by one, and for the second one less often."""

    cheap: AbstractPotential
    correction: "Difference"

    @classmethod
    def of(cls, accurate: AbstractPotential, cheap: AbstractPotential) -> "Corrected":
        """The parts of `accurate`.

        **Raises:** `InputError` for two potentials of which one keeps positions in another precision.
        """
        precisions = [potential.spec.state_precision for potential in (accurate, cheap)]
        if precisions[0] != precisions[1]:
            names = [potential.spec.registered_name for potential in (accurate, cheap)]
            raise InputError(
                f"{names[0]} has positions in {precisions[0]} and the cheap {names[1]} in {precisions[1]}; give both "
                "one precision"
            )
        return cls(cheap, Difference(accurate, cheap))

    @property
    def spec(self) -> PotentialSpec:
        """That of the accurate one."""
        return self.correction.spec

    @property
    def cutoff(self) -> float:
        """The longer one."""
        return self.correction.cutoff

    @property
    def edge_cost(self) -> float:
        """Of the cheap one, which is asked more often."""
        return self.cheap.edge_cost

    @property
    def needs_reverse(self) -> bool:
        """When one of them does."""
        return self.correction.needs_reverse

    @property
    def differentiable(self) -> bool:
        """When both are."""
        return self.correction.differentiable

    def check(self, system: System) -> None:
        """Both have to cover the system."""
        self.correction.accurate.check(system)
        self.cheap.check(system)

    def compute(self, edges: Edges) -> Parts:
        """Those of the accurate one."""
        return self.correction.accurate.compute(edges)

    def measure(self, edges: Edges) -> Parts:
        """Those of the accurate one."""
        return self.correction.accurate.measure(edges)


class Difference(AbstractPotential):
    """What the accurate potential has and the cheap one has not."""

    accurate: AbstractPotential
    cheap: AbstractPotential
    divides: ClassVar[bool] = False

    @property
    def spec(self) -> PotentialSpec:
        """That of the accurate one."""
        return self.accurate.spec

    @property
    def cutoff(self) -> float:
        """The longer one."""
        return max(self.accurate.cutoff, self.cheap.cutoff)

    @property
    def needs_reverse(self) -> bool:
        """When one of them does."""
        return self.accurate.needs_reverse or self.cheap.needs_reverse

    @property
    def differentiable(self) -> bool:
        """When both are."""
        return self.accurate.differentiable and self.cheap.differentiable

    def compute(self, edges: Edges) -> Parts:
        """One less the other."""
        return jax.tree.map(jnp.subtract, self.accurate.compute(edges), self.cheap.compute(edges))

    def measure(self, edges: Edges) -> Parts:
        """One less the other, by their fast paths."""
        return jax.tree.map(jnp.subtract, self.accurate.measure(edges), self.cheap.measure(edges))
