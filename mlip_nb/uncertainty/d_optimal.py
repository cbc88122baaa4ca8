"""Extrapolation grade: whether an atom's features are a combination, with small weights, of those trained on."""

from collections.abc import Sequence
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jaxtyping import Array, Bool, Float

from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ._base import UncertaintySpec, uncertainties
from ._features import ByElement, features, features_by_element

_RANK = 1e-10
"""Directions in which features vary by less than this part of the largest are not looked at."""
_CLOSE = 1e-9
"""A volume that grows by less is the largest."""


class Grade(ByElement):
    r"""$\gamma = \max_j |(b A^{-1})_j|$ of features b, with the rows of A chosen for the largest volume.

    At most 1 for what was trained on, and wherever the last layer interpolates.
    """

    potential: AbstractGraphPotential
    inverse: Float[Array, "elements rank features"]
    r"""Transposed $A^{-1}$; zeros below the rank of an element."""
    seen: Bool[Array, " elements"]
    limit: ClassVar[float | None] = 1.0

    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """Without unit."""
        told = features(self.potential, graph)
        return jnp.max(jnp.abs(jnp.einsum("erf,fa->era", self.inverse.astype(told.dtype), told)), axis=1)


@uncertainties.register("d-optimal")
class DOptimality(UncertaintySpec):
    """Extrapolation grade of the last layer (MaxVol): above 1 it extrapolates.

    ??? cite "Reference"
        E. V. Podryabinkin, A. V. Shapeev, *Comput. Mater. Sci.* **140**, 171 (2017),
        doi:10.1016/j.commatsci.2017.08.031; S. A. Goreinov et al., in *Matrix Methods* (2010), p. 247
    """

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> Grade:
        """**Raises:** `InputError` for a potential without features, and for no frames."""
        self._check_frames(frames)
        parts = features_by_element(potential, frames)
        inverses = [_inverse(rows) for rows in parts]
        rank = max(len(inverse) for inverse in inverses)
        padded = [np.pad(inverse, ((0, rank - len(inverse)), (0, 0))) for inverse in inverses]
        seen = np.array([len(rows) > 0 for rows in parts])
        return Grade(potential, jnp.asarray(np.stack(padded)), jnp.asarray(seen))


def _inverse(rows: np.ndarray) -> np.ndarray:
    """`[rank, features]`: what multiplies features to give weights of the chosen rows."""
    if not len(rows):
        return np.zeros((1, rows.shape[1]))
    _, values, directions = np.linalg.svd(rows, full_matrices=False)
    kept = directions[values > _RANK * values[0]]
    reduced = rows @ kept.T
    return np.linalg.inv(reduced[largest_volume(reduced)]).T @ kept


def largest_volume(rows: Float[np.ndarray, "points rank"]) -> np.ndarray:
    """Places of as many rows as there are columns, whose determinant no exchange of one row makes larger."""
    *_, pivots = scipy.linalg.qr(rows.T, mode="economic", pivoting=True)
    chosen = np.array(pivots)[: rows.shape[1]]
    weights = np.linalg.solve(rows[chosen].T, rows.T).T
    # The volume grows each time, so this ends.
    while True:
        row, column = np.unravel_index(np.argmax(np.abs(weights)), weights.shape)
        largest = weights[row, column]
        if abs(largest) <= 1 + _CLOSE:
            return chosen
        chosen[column] = row
        change = weights[row].copy()
        change[column] -= 1
        weights -= np.outer(weights[:, column], change) / largest
