"""A first guess of a path on which atoms keep their distances: interpolated pair distances instead of positions."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int

from .elastic_band import Places, find_path

_NEAR, _STEPS = 1e-2, 200
"""Å that the nearest pairs are pulled with at the end, and steps at most: a guess needs no more."""

Structures = Float[np.ndarray, "images atoms 3"]
Nearest = Callable[[Float[np.ndarray, "vectors 3"]], Float[np.ndarray, "vectors 3"]]
"""Shortest periodic images of vectors."""


class PairDistances:
    r"""How far the distances of images are from those in between the distances at both ends, Å².

    $$S_k = \sum_{i<j} (d^0_{ij} / d^k_{ij})^4\,(|r_i - r_j| - d^k_{ij})^2, \quad d^k_{ij} \text{ linear in } k,$$
    with $d^0$ the smallest distance of all. Weights are those of wanted distances, not of present ones: atoms that a
    straight line leads through each other would be torn apart without bound.

    ??? cite "Reference"
        S. Smidstrup, A. Pedersen, K. Stokbro, H. Jónsson, *J. Chem. Phys.* **140**, 214106 (2014),
        doi:10.1063/1.4878664
    """

    def __init__(self, line: Structures, mobile: Bool[np.ndarray, " atoms"], nearest: Nearest):
        first, second = np.triu_indices(line.shape[1], 1)
        kept = mobile[first] | mobile[second]
        self._first, self._second, self._mobile = first[kept], second[kept], mobile
        plain = self._between(line)
        # Pairs keep the periodic image that they have on the straight line: a sum of smooth functions.
        self._shifts = nearest(plain.reshape(-1, 3)).reshape(plain.shape) - plain
        lengths = np.linalg.norm(plain + self._shifts, axis=-1)
        self._wanted = np.linspace(lengths[0], lengths[-1], len(line))
        self._weights = (self._wanted.min() / self._wanted) ** 4

    def measure(self, structures: Structures) -> tuple[Float[np.ndarray, " images"], Structures]:
        """S of every image, and its slopes by positions."""
        vectors = self._between(structures) + self._shifts
        lengths = np.linalg.norm(vectors, axis=-1)
        away = lengths - self._wanted
        pulls = (2 * self._weights * away / np.maximum(lengths, 1e-12))[..., None] * vectors
        return (self._weights * away**2).sum(axis=1), self._gathered(pulls)

    def _between(self, structures: Structures) -> Float[np.ndarray, "images pairs 3"]:
        return structures[:, self._second] - structures[:, self._first]

    def _gathered(self, pulls: Float[np.ndarray, "images pairs 3"]) -> Structures:
        slopes = np.zeros((len(pulls), len(self._mobile), 3))
        for image, own in zip(slopes, pulls, strict=True):
            image += _sums(self._second, own, len(image)) - _sums(self._first, own, len(image))
        return slopes


def spread(line: Places, full: Callable[[Places], Structures], mobile: Bool[np.ndarray, " atoms"], nearest: Nearest):
    """Images, evenly spread, whose distances lie between those at both ends; `full` gives positions of all atoms."""
    distances = PairDistances(full(line), mobile, nearest)

    def surface(places: Places) -> tuple[np.ndarray, Places]:
        values, slopes = distances.measure(full(places))
        return values, slopes[:, mobile].reshape(places.shape)

    return find_path(surface, line, force=_NEAR, steps=_STEPS, climb=False).places


def _sums(atoms: Int[np.ndarray, " pairs"], vectors: Float[np.ndarray, "pairs 3"], count: int) -> np.ndarray:
    return np.stack([np.bincount(atoms, weights=column, minlength=count) for column in vectors.T], axis=1)
