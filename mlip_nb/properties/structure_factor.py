"""What scattering sees of the order of atoms: the structure factor."""

from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Bool, Float, Int

from ..errors import InputError
from ..params import Count, InverseLength
from ._analysis import Bins, analyses
from ._neighbors import Structural
from ._trajectory import PIECE, Trajectory
from .averages import average
from .radial import chosen

_SEED = 0
"""Which wave vectors are taken where there are more than are wanted."""


@analyses.register("structure-factor")
class StructureFactor(Structural):
    r"""$S(q) = \langle \rho_a(q)\,\rho_b(-q) \rangle / \sqrt{N_a N_b}$ with $\rho(q) = \sum_j e^{-i q \cdot r_j}$, over
    wave vectors that the cell allows, which move with it. Far out it is 1, or 0 for two different elements.
    """

    pair: tuple[str, str] | None = None
    """Two elements, such as Na,Cl; all atoms when not given."""
    longest: InverseLength = 8.0
    """Largest length of a wave vector."""
    bins: Bins = 160
    """Parts up to there; those without a wave vector are left out."""
    most_vectors: Count = 24
    """Wave vectors of a bin, at most."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By the length of the wave vector."""
        run.need_cell("a structure factor")
        run = self.seen(run, "a structure factor")
        own, other = chosen(run, self.pair)
        vectors, lengths, place = self._vectors(np.mean([cell for (cell,) in run.snapshots("cell")], axis=0))
        bins, counts = np.unique(place, return_counts=True)
        index = np.searchsorted(bins, place)
        norm = counts * np.sqrt(own.sum() * other.sum())
        found = [np.bincount(index, power) / norm for power in _powers(run, vectors, own, other)]
        mean = average(np.array(found))
        return {
            "wave_number": np.bincount(index, lengths) / counts,
            "structure_factor": mean.mean,
            "structure_factor_error": mean.error,
        }

    def told(self, found) -> str:
        """The highest peak."""
        peak = found.isel(wave_number=int(np.argmax(found["structure_factor"].values)))
        return f"highest at {float(peak['wave_number']):.3g} 1/Å, where S(q) is {float(peak['structure_factor']):.3g}"

    def _vectors(
        self, cell: Float[np.ndarray, "3 3"]
    ) -> tuple[Int[np.ndarray, "vectors 3"], Float[np.ndarray, " vectors"], Int[np.ndarray, " vectors"]]:
        """In multiples of the reciprocal lattice, one of q and -q; their lengths, 1/Å, and their bins."""
        reach = np.floor(self.longest / (2 * np.pi) * np.linalg.norm(cell, axis=1)).astype(int)
        grid = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), axis=-1).reshape(-1, 3)
        grid = grid[len(grid) // 2 + 1 :]
        lengths = 2 * np.pi * np.linalg.norm(grid @ np.linalg.inv(cell).T, axis=1)
        grid, lengths = grid[lengths < self.longest], lengths[lengths < self.longest]
        if not len(grid):
            raise InputError(f"no wave vector of this cell is shorter than {self.longest:g} 1/Å; take more --longest")
        place = (lengths / self.longest * self.bins).astype(int)
        kept = _some_of_each(place, self.most_vectors)
        return grid[kept], lengths[kept], place[kept]


def _some_of_each(place: Int[np.ndarray, " vectors"], most: int) -> Int[np.ndarray, " kept"]:
    """No more than so many of each bin, by chance."""
    shuffled = np.random.default_rng(_SEED).permutation(len(place))
    order = shuffled[np.argsort(place[shuffled], kind="stable")]
    rank = np.arange(len(order)) - np.searchsorted(place[order], place[order])
    return np.sort(order[rank < most])


def _powers(
    run: Trajectory, vectors: Int[np.ndarray, "vectors 3"], own: Bool[np.ndarray, " atoms"], other
) -> Iterator[Float[np.ndarray, " vectors"]]:
    pieces = 1 + 16 * len(vectors) * len(own) // PIECE
    for positions, cell in run.snapshots("positions", "cell"):
        fractions = positions @ np.linalg.inv(cell)
        waves = (_waves(fractions, some) for some in np.array_split(vectors, pieces))
        yield np.concatenate([(one[:, own].sum(axis=1) * one[:, other].sum(axis=1).conj()).real for one in waves])


def _waves(fractions: Float[np.ndarray, "atoms 3"], vectors: Int[np.ndarray, "vectors 3"]) -> np.ndarray:
    """Phase of each atom for each wave vector, from those along each axis: exponentials are dear, products are not."""
    product = np.ones((len(vectors), len(fractions)), complex)
    for axis in range(3):
        multiples = np.arange(vectors[:, axis].min(), vectors[:, axis].max() + 1)
        phases = np.exp(-2j * np.pi * np.outer(multiples, fractions[:, axis]))
        product *= phases[vectors[:, axis] - multiples[0]]
    return product
