"""One of our potentials as the truth: for tests, tutorials, and for learning a dear potential by a cheap one."""

from ...potentials import PotentialSpec
from ._base import AbstractOracle, Labeller, labellers, oracle_of


@labellers.register("reference")
class Reference(Labeller):
    """A potential whose labels are taken as right."""

    potential: PotentialSpec
    """Which one, by name or file."""

    def build(self) -> AbstractOracle:
        """The potential, asked in this process: an answer takes milliseconds."""
        return oracle_of(self.potential.build())
