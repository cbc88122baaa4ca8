"""Pairs of atoms that are near each other, in one frame."""

from dataclasses import dataclass
from typing import Annotated

import annotated_types
import numpy as np
from ase.geometry import complete_cell
from jaxtyping import Bool, Float, Int
from scipy.spatial import cKDTree

from ..params import Count
from ._analysis import Analysis
from ._trajectory import Trajectory

_EDGE = 1e-6
"""Of a lattice vector: rounding must lose no image."""


class Structural(Analysis):
    """Something of single frames; their scatter in time gives the error."""

    most_frames: Annotated[Count, annotated_types.Ge(2)] = 500
    """Frames that are looked at, at most, evenly spread."""

    def seen(self, run: Trajectory, purpose: str) -> Trajectory:
        """The frames that are looked at.

        **Raises:** `InputError` for fewer than two.
        """
        run.need_frames(2, purpose)
        return run.thinned(self.most_frames)


@dataclass(frozen=True)
class Pairs:
    """Directed pairs, sorted by the first atom."""

    first: Int[np.ndarray, " pairs"]
    second: Int[np.ndarray, " pairs"]
    distances: Float[np.ndarray, " pairs"]
    vectors: Float[np.ndarray, "pairs 3"]
    """From the first atom to the second, Å."""

    def among(self, own: Bool[np.ndarray, " atoms"], other: Bool[np.ndarray, " atoms"]) -> "Pairs":
        """Those from one kind of atom to another."""
        kept = own[self.first] & other[self.second]
        return Pairs(self.first[kept], self.second[kept], self.distances[kept], self.vectors[kept])

    def counts(self, atoms: int) -> Int[np.ndarray, " atoms"]:
        """How many partners each atom has."""
        return np.bincount(self.first, minlength=atoms)


def pairs_within(
    cutoff: float, positions: Float[np.ndarray, "atoms 3"], cell: Float[np.ndarray, "3 3"], pbc: tuple[bool, bool, bool]
) -> Pairs:
    """All pairs up to a distance (Å), images included."""
    home, images, atoms, own = _with_images(cutoff, positions, cell, pbc)
    found = cKDTree(home).sparse_distance_matrix(cKDTree(images), cutoff, output_type="ndarray")
    found = found[~own[found["j"]] | (atoms[found["j"]] != found["i"])]
    found = found[np.argsort(found["i"], kind="stable")]
    return Pairs(found["i"], atoms[found["j"]], found["v"], images[found["j"]] - home[found["i"]])


def _with_images(cutoff: float, positions, cell, pbc):
    """Atoms within the cell; those atoms and all images near enough, which atoms they are, and whether themselves."""
    periodic = np.array(pbc)
    if not periodic.any():
        return positions, positions, np.arange(len(positions)), np.ones(len(positions), bool)
    # A direction that is not periodic may have no lattice vector.
    cell = complete_cell(cell)
    fractions = positions @ np.linalg.inv(cell)
    fractions -= np.where(periodic, np.floor(fractions), 0)
    margin = cutoff * np.linalg.norm(np.linalg.inv(cell), axis=0)
    reach = np.where(periodic, np.ceil(margin), 0).astype(int)
    steps = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), axis=-1).reshape(-1, 1, 3)
    everywhere = fractions + steps
    near = ((everywhere > -margin - _EDGE) & (everywhere < 1 + margin + _EDGE) | ~periodic).all(axis=-1)
    which, atoms = np.nonzero(near)
    return fractions @ cell, everywhere[near] @ cell, atoms, ~steps[which, 0].any(axis=-1)
