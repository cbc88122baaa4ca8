"""How neighbours are arranged: Steinhardt's order parameters."""

from collections.abc import Mapping
from typing import Annotated

import annotated_types
import numpy as np
from jaxtyping import Complex, Float
from scipy.special import sph_harm_y

from ..errors import InputError
from ..params import Length
from ._analysis import analyses
from ._neighbors import Pairs, Structural, pairs_within
from ._trajectory import Trajectory

Degree = Annotated[int, annotated_types.Ge(1), annotated_types.Le(20)]


@analyses.register("steinhardt")
class BondOrder(Structural):
    r"""Steinhardt's $Q_l = [4\pi/(2l+1) \sum_m |\bar{Y}_{lm}|^2]^{1/2}$ by frame: over all bonds, and the mean of
    those of single atoms. Perfect fcc has 0.191 and 0.575 for l of 4 and 6, hcp 0.097 and 0.485, bcc with 14
    neighbours 0.036 and 0.511.

    ??? cite "Reference"
        P. J. Steinhardt, D. R. Nelson, M. Ronchetti, *Phys. Rev. B* **28**, 784 (1983), doi:10.1103/PhysRevB.28.784
    """

    degrees: tuple[Degree, ...] = (4, 6)
    """Degrees l."""
    cutoff: Length = 3.0
    """How far away a neighbour is at most."""
    nearest: Annotated[int, annotated_types.Ge(1)] | None = None
    """Count only so many neighbours of each atom, the nearest ones."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By frame and degree."""
        if not self.degrees:
            raise InputError("degrees: a value is needed, such as 4,6")
        run = self.seen(run, "an order parameter")
        found = [self._orders(positions, cell, run.pbc) for positions, cell in run.snapshots("positions", "cell")]
        whole, own = (np.array(one) for one in zip(*found, strict=True))
        return {
            **{name: run.dataset[name].values for name in ("step", "time") if name in run.dataset.coords},
            "degree": np.array(self.degrees),
            "bond_order": whole,
            "local_bond_order": own,
        }

    def told(self, found) -> str:
        """Means of all frames."""
        names = ("bond_order", "local_bond_order")
        means = zip(self.degrees, *(found[name].mean("frame").values for name in names), strict=True)
        return "; ".join(f"Q{degree} {whole:.4f}, of single atoms {own:.4f}" for degree, whole, own in means)

    def _orders(self, positions, cell, pbc) -> tuple[Float[np.ndarray, " degrees"], Float[np.ndarray, " degrees"]]:
        """Of the whole frame, and the mean of single atoms; an atom without neighbours has none."""
        pairs = pairs_within(self.cutoff, positions, cell, pbc)
        counts = pairs.counts(len(positions))
        if counts.min() < (self.nearest or 1):
            told = f"an atom has {counts.min()} neighbours within {self.cutoff:g} Å, {self.nearest or 1} are needed"
            raise InputError(f"{told}; take a longer --cutoff")
        pairs = _nearest(pairs, self.nearest) if self.nearest else pairs
        counts = pairs.counts(len(positions))
        sums = [bond_sums(pairs, degree, len(counts)) for degree in self.degrees]
        whole = [lengths(one.sum(axis=0) / counts.sum()) for one in sums]
        own = [np.mean(lengths(one / counts[:, None])) for one in sums]
        return np.array(whole), np.array(own)


def _nearest(pairs: Pairs, most: int) -> Pairs:
    """So many pairs of each atom, the shortest."""
    order = np.lexsort((pairs.distances, pairs.first))
    first = pairs.first[order]
    kept = order[np.arange(len(order)) - np.searchsorted(first, first) < most]
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.distances[kept], pairs.vectors[kept])


def bond_sums(pairs: Pairs, degree: int, atoms: int) -> Complex[np.ndarray, "atoms orders"]:
    """Spherical harmonics of all bonds of each atom, added up; orders from 0 to the degree."""
    polar = np.arccos(np.clip(pairs.vectors[:, 2] / pairs.distances, -1, 1))
    azimuth = np.arctan2(pairs.vectors[:, 1], pairs.vectors[:, 0])
    total = np.zeros((atoms, degree + 1), complex)
    for order in range(degree + 1):
        np.add.at(total[:, order], pairs.first, sph_harm_y(degree, order, polar, azimuth))
    return total


def lengths(means: Complex[np.ndarray, "*rest orders"]) -> Float[np.ndarray, "*rest"]:
    """Negative orders are as long as positive ones."""
    twice = 2 - (np.arange(means.shape[-1]) == 0)
    return np.sqrt(4 * np.pi / (2 * means.shape[-1] - 1) * (twice * np.abs(means) ** 2).sum(axis=-1))
