"""What a potential around another one takes over from it."""

import equinox as eqx

from ._base import AbstractPotential


class AbstractAround(AbstractPotential):
    """A potential that adds to another one, or knows more about it, and asks for the same edges."""

    inner: eqx.AbstractVar[AbstractPotential]

    @property
    def cutoff(self) -> float:
        """As the potential inside."""
        return self.inner.cutoff

    @property
    def edge_cost(self) -> float:
        """As the potential inside."""
        return self.inner.edge_cost

    @property
    def needs_reverse(self) -> bool:
        """As the potential inside."""
        return self.inner.needs_reverse

    @property
    def divides(self) -> bool:
        """As the potential inside."""
        return self.inner.divides

    @property
    def differentiable(self) -> bool:
        """As the potential inside."""
        return self.inner.differentiable

    @property
    def mixes(self) -> bool:
        """As the potential inside."""
        return self.inner.mixes
