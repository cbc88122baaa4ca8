"""Neighbours: who interacts with whom, found on the device at linear cost."""

from ._base import AbstractNeighborFinder, Grid, Neighbors
from .cell_list import CellList

__all__ = ["AbstractNeighborFinder", "CellList", "Grid", "Neighbors"]
