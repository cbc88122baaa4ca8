"""Where a system is crystal and where liquid: how well bonds agree, slab by slab."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ._neighbors import pairs_within
from .bond_order import bond_sums, lengths

_DEGREE = 6
_REACH = 1.35
"""Of the cube root of an atom's volume: between the first shell and the next of fcc, hcp and diamond, beyond the second
of bcc."""


def slab_orders(
    positions: Float[np.ndarray, "atoms 3"], cell: Float[np.ndarray, "3 3"], slabs: int
) -> Float[np.ndarray, " slabs"]:
    """Steinhardt's Q6 over all bonds of the atoms in each slab along the third lattice vector: those of a crystal
    agree, those of a liquid point everywhere. 0 where there is none.

    ??? cite "Reference"
        P. J. Steinhardt, D. R. Nelson, M. Ronchetti, *Phys. Rev. B* **28**, 784 (1983), doi:10.1103/PhysRevB.28.784
    """
    cutoff = _REACH * (abs(np.linalg.det(cell)) / len(positions)) ** (1 / 3)
    pairs = pairs_within(cutoff, positions, cell, (True, True, True))
    heights = (positions @ np.linalg.inv(cell))[:, 2] % 1
    slab = np.minimum((slabs * heights).astype(int), slabs - 1)
    sums = np.zeros((slabs, _DEGREE + 1), complex)
    np.add.at(sums, slab, bond_sums(pairs, _DEGREE, len(positions)))
    bonds = np.bincount(slab, pairs.counts(len(positions)), slabs)
    return lengths(sums / np.maximum(bonds, 1)[:, None])


@dataclass(frozen=True)
class Phases:
    """What order tells crystal from liquid: what is nearer to one than to the other is it."""

    crystal: float
    liquid: float

    @property
    def threshold(self) -> float:
        """Halfway."""
        return (self.crystal + self.liquid) / 2

    def share(self, orders: Float[np.ndarray, "*rest slabs"]) -> Float[np.ndarray, "*rest"]:
        """Part of the slabs that is crystal."""
        return np.mean(orders > self.threshold, axis=-1)
