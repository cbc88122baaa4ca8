"""Neighbours: who interacts with whom, found on the device at linear cost."""

from ._base import AbstractNeighborFinder, Grid, Neighbors, block_of, complete_cell
from ._blocks import in_blocks
from ._crew import CREW, crew_size, everywhere, share_of, summed
from ._skin import automatic_skin
from .alone import Alone
from .cell_list import CellList


def finder(cutoff: float, skin: float, *, reverse: bool = True) -> AbstractNeighborFinder:
    """The finder for a cutoff and a skin, Å; nobody has neighbours within a cutoff of zero.

    Without `reverse` the table does not name opposite edges: enough for fast paths, and faster.
    """
    return CellList(cutoff, skin, reverse) if cutoff else Alone()


__all__ = [
    "CREW",
    "AbstractNeighborFinder",
    "Alone",
    "CellList",
    "Grid",
    "Neighbors",
    "automatic_skin",
    "block_of",
    "complete_cell",
    "crew_size",
    "everywhere",
    "finder",
    "in_blocks",
    "share_of",
    "summed",
]
