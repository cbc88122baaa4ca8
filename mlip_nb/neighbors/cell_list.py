"""The linear-cost finder: sort by cell, mark hits in bit masks, compact by taking bits.

An atom looks at columns: runs of cells along the first lattice direction, contiguous in the sorted order together with
their periodic images. A column's hits are the bits of one uint32. Columns wrap around the cell as often as the cutoff
demands, so that a cell smaller than the cutoff, several images of one neighbour included, takes the same path.
"""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..system import System
from ._base import AbstractNeighborFinder, Grid, Neighbors, complete_cell
from ._columns import MARGIN, WALLS
from ._counting import count_neighbors
from ._search import fill

_ROOM = 28
"""Fullest column accepted at allocation; the rest of the 32 bits is for fluctuations."""
_THERMAL = 0.3
"""Å; a shell of a cold crystal that lies no further beyond the reach will have atoms within it once it is warm."""
_ALONG = 4
"""Cells per reach along a column."""
_ACROSS = (2, 3, 4, 6, 8)
"""Cells per reach across columns: the first that keeps columns short enough."""
_MOST_CELLS = 2**23
"""Memory and time for the cells themselves: beyond that a box is too empty for what is in it."""


class CellList(AbstractNeighborFinder):
    """All pairs within cutoff + skin, any cell, any periodicity, at a cost linear in the atoms."""

    cutoff: float = eqx.field(static=True)
    skin: float = eqx.field(static=True)
    reverse: bool = eqx.field(static=True, default=True)

    def allocate(self, system: System, *, spare: float = 1.25) -> Neighbors:
        """A table whose shapes fit the system, filled.

        **Raises:** `InputError` for positions that are not finite, and for too many atoms within the cutoff.
        """
        neighbors = self.update(Neighbors.blank(self.grid(system, spare=spare), system), system)
        while (fullest := int(neighbors.counts.max())) > neighbors.grid.slots:
            neighbors = self.update(Neighbors.blank(_with_slots(neighbors.grid, fullest, spare), system), system)
        assert not neighbors.overflow, "a table just allocated fits"
        return neighbors

    def update(self, neighbors: Neighbors, system: System) -> Neighbors:
        """The same shapes, filled for the system as it is now; `overflow` tells when they do not fit."""
        return fill(neighbors.grid, system)

    def grid(self, system: System, *, spare: float = 1.25) -> Grid:
        """Cells whose columns are short enough, and slots with `spare` room.

        **Raises:** `InputError`, as `allocate`.
        """
        cell, pbc = np.asarray(system.cell, float), system.pbc
        lost = ~np.isfinite(np.asarray(system.positions)).all(axis=1)
        if lost.any():
            raise InputError(f"positions of atom {lost.argmax()} are not finite; mend the structure")
        reach = self.cutoff + self.skin
        basis = np.asarray(complete_cell(jnp.asarray(cell), pbc))
        fractional = np.asarray(system.positions, float) @ np.linalg.inv(basis)
        fractional -= np.where(pbc, np.floor(fractional), fractional.min(axis=0))
        heights = 1 / np.linalg.norm(np.linalg.inv(basis), axis=0)
        extents = np.where(pbc, heights, np.maximum(fractional.max(axis=0) * (1 + 1e-9), reach / _ALONG))
        bins, spans = self._layout(fractional * heights / extents, extents, pbc)
        crowded = any(p and n < 2 * span + 1 for p, n, span in zip(pbc, bins, spans, strict=True))
        too_small = any(p and height < 2 * reach * (1 + MARGIN) for p, height in zip(pbc, heights, strict=True))
        grid = Grid(
            cutoff=self.cutoff,
            skin=self.skin,
            slots=0,
            bins=bins,
            spans=spans,
            explicit_images=crowded or too_small,
            orthorhombic=not np.any(cell - np.diag(np.diag(cell))),
            pbc=pbc,
            reverse=self.reverse,
        )
        now, soon = count_neighbors(system, (reach, reach + _THERMAL)).max(axis=1)
        return _with_slots(grid, max(int(now), math.ceil(soon / spare)), spare)

    def _layout(self, scaled, extents, pbc) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Cells and spans with columns short enough, the cheapest first; `scaled` positions are between 0 and 1."""
        reach, budget = self.cutoff + self.skin, 8 * len(scaled) + 512
        while True:
            for across in _ACROSS:
                bins, spans = _cells(extents, reach, across, budget, pbc)
                fullest = _fullest_column(scaled, bins, spans, pbc)
                if fullest <= _ROOM:
                    return bins, spans
            if (budget := 8 * budget) > _MOST_CELLS:
                raise InputError(
                    f"{fullest} atoms in a column of the cell list, where {_ROOM} fit: the cutoff ({self.cutoff:g} Å) "
                    "is too long for this density, or dense matter is lost in a large box; check the cell, or shrink it"
                )


def _with_slots(grid: Grid, needed: int, spare: float) -> Grid:
    return Grid(**{**vars(grid), "slots": max(1, math.ceil(spare * needed))})


def _cells(extents, reach: float, across: int, budget: int, pbc) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Cells along each direction, at most `budget` of them, and how many to either side cover the reach."""
    reach = reach * (1 + MARGIN)
    wanted = np.maximum(1, np.floor(extents / reach * (_ALONG, across, across)))
    # A gas in a large box needs no more cells than a few per atom.
    bins = np.maximum(1, np.floor(wanted * min(1.0, (budget / wanted.prod()) ** (1 / 3))))
    spans = np.ceil(reach * bins / extents - 1e-9)
    spans = np.where(pbc, spans, np.minimum(spans, bins - 1))
    return tuple(int(n) for n in bins), tuple(int(span) for span in spans)


def _fullest_column(scaled, bins, spans, pbc) -> int:
    """Most atoms within one window along the first direction."""
    index = np.where(
        pbc, (scaled * bins + WALLS).astype(int) % bins, (scaled * bins).astype(int).clip(max=np.array(bins) - 1)
    )
    occupancy = np.zeros(bins, int)
    np.add.at(occupancy, tuple(index.T), 1)
    padded = np.pad(occupancy, ((spans[0] + 1, spans[0]), (0, 0), (0, 0)), mode="wrap" if pbc[0] else "constant")
    total = np.cumsum(padded, axis=0)
    return int((total[2 * spans[0] + 1 :] - total[: -2 * spans[0] - 1]).max())
