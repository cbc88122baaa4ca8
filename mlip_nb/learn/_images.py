"""Periodic images on the host: atoms near the cell, and the directed pairs within a distance."""

import numpy as np

_ROOM = 1 + 1e-9
"""Search radius in units of the one asked for: rounding must not lose one direction of a pair and keep the other."""


def complete(cell: np.ndarray) -> np.ndarray:
    """The cell with its missing (zero) lattice vectors replaced by perpendicular ones."""
    from ase.cell import Cell

    return np.array(Cell(cell).complete())


def with_images(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool], reach: float):
    """Atoms brought into the cell, and all images within `reach` (Å) of it: centres, points, their atoms and shifts.

    The point p is atom `atoms[p]` of `positions`, moved by `shifts[p]` lattice vectors; `centres` are the points that
    lie in the cell, in the order of the atoms, moved by `home`.
    """
    basis = complete(cell)
    inverse = np.linalg.inv(basis)
    fractional = positions @ inverse
    home = np.where(pbc, -np.floor(fractional), 0)
    atoms, shifts = np.arange(len(positions)), home.copy()
    margins = reach * np.linalg.norm(inverse, axis=0)
    for axis in np.flatnonzero(pbc):
        atoms, shifts = _along(axis, margins[axis], fractional, atoms, shifts)
    return positions + home @ basis, positions[atoms] + shifts @ basis, atoms, shifts, home


def _along(axis: int, margin: float, fractional: np.ndarray, atoms: np.ndarray, shifts: np.ndarray):
    """Images along one more lattice vector, as far as the margin (in lattice vectors) around the cell."""
    most = int(np.ceil(margin))
    steps = np.arange(-most, most + 1)
    place = fractional[atoms, axis] + shifts[:, axis] + steps[:, None]
    step, point = np.nonzero((place >= -margin) & (place <= 1 + margin))
    moved = shifts[point]
    moved[:, axis] += steps[step]
    return atoms[point], moved


def pairs_within(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool], cutoff: float):
    """All directed pairs nearer than `cutoff` (Å): atoms `centers`, `others`, lattice shifts, and vectors, Å.

    Vectors of opposite pairs are negatives of each other to the last bit: both come from the same numbers.
    """
    from scipy.spatial import KDTree

    centres, points, atoms, shifts, home = with_images(positions, cell, pbc, cutoff * _ROOM)
    found = KDTree(centres).sparse_distance_matrix(KDTree(points), cutoff * _ROOM, output_type="ndarray")
    centers, others = found["i"], atoms[found["j"]]
    shift = shifts[found["j"]] - home[centers]
    vectors = positions[others] - positions[centers] + shift @ complete(cell)
    itself = (centers == others) & ~shift.any(axis=1)
    keep = ~itself & (np.sum(vectors**2, axis=1) < cutoff**2)
    return centers[keep], others[keep], shift[keep].astype(int), vectors[keep]


def nearest(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool], reach: float):
    """Distance (Å) to the nearest neighbour of each atom, and which atom that is; infinite and -1 beyond `reach`."""
    from scipy.spatial import KDTree

    centres, points, atoms, _, _ = with_images(positions, cell, pbc, reach)
    if len(points) == 1:
        return np.full(1, np.inf), np.full(1, -1)
    distances, found = KDTree(points).query(centres, k=2, distance_upper_bound=reach)
    partner = np.append(atoms, -1)[found[:, 1]]
    # Of two points at one place either may come first.
    swapped = (distances[:, 1] == 0) & (partner == np.arange(len(partner)))
    return distances[:, 1], np.where(swapped, atoms[found[:, 0]], partner)
