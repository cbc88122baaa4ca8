"""Neighbours: who interacts with whom, found on the device at linear cost."""

from ._base import AbstractNeighborFinder, Grid, Neighbors, complete_cell
from .alone import Alone
from .cell_list import CellList


def finder(cutoff: float, skin: float) -> AbstractNeighborFinder:
    """The finder for a cutoff and a skin, Å; nobody has neighbours within a cutoff of zero."""
    return CellList(cutoff, skin) if cutoff else Alone()


__all__ = ["AbstractNeighborFinder", "Alone", "CellList", "Grid", "Neighbors", "complete_cell", "finder"]
