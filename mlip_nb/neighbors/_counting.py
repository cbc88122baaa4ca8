"""How many neighbours atoms have: on the host, exact, for a sample of them."""

import math

import numpy as np

from ..system import System
from ._base import complete_cell

_SAMPLE = 4000
"""Atoms looked at."""


def count_neighbors(system: System, reaches: tuple[float, ...]) -> np.ndarray:
    """Neighbours within each reach of a sample of atoms, evenly taken, as `[reach, atom]`."""
    from scipy.spatial import KDTree

    pbc, basis = np.array(system.pbc), np.asarray(complete_cell(system.cell, system.pbc), float)
    positions, inverse = np.asarray(system.positions, float), np.linalg.inv(basis)
    wrapped = positions - np.where(pbc, np.floor(positions @ inverse), 0) @ basis
    wraps = [math.ceil(max(reaches) * np.linalg.norm(inverse[:, axis])) if pbc[axis] else 0 for axis in range(3)]
    images = np.stack(np.meshgrid(*[np.arange(-w, w + 1) for w in wraps], indexing="ij"), -1).reshape(-1, 3)
    chosen = np.linspace(0, len(positions) - 1, min(len(positions), _SAMPLE)).astype(int)
    tree = KDTree(wrapped)
    low, high = wrapped.min(axis=0) - max(reaches), wrapped.max(axis=0) + max(reaches)
    counts = np.zeros((len(reaches), len(chosen)), int)
    for shift in images @ basis:
        moved = wrapped[chosen] + shift
        near = np.flatnonzero(((moved > low) & (moved < high)).all(axis=1))
        for row, reach in zip(counts, reaches, strict=True):
            row[near] += tree.query_ball_point(moved[near], reach, return_length=True)
    return counts - 1
