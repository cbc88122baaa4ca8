"""The finder of a potential that asks nobody's neighbours: one whose energies come from elsewhere."""

import math

import equinox as eqx

from ..system import System
from ._base import AbstractNeighborFinder, Grid, Neighbors


class Alone(AbstractNeighborFinder):
    """An empty table, in the caller's order, that is never out of date."""

    cutoff: float = eqx.field(static=True, default=0.0)
    skin: float = eqx.field(static=True, default=math.inf)

    def allocate(self, system: System, *, spare: float = 1.25) -> Neighbors:
        """One unused slot an atom."""
        return Neighbors.blank(self.grid(system), system)

    def grid(self, system: System, *, spare: float = 1.25) -> Grid:
        """One slot an atom, one cell."""
        return Grid(
            cutoff=self.cutoff,
            skin=self.skin,
            slots=1,
            bins=(1, 1, 1),
            spans=(1, 1, 1),
            explicit_images=False,
            orthorhombic=False,
            pbc=system.pbc,
        )

    def update(self, neighbors: Neighbors, system: System) -> Neighbors:
        """The same table, whatever the system did."""
        return neighbors
