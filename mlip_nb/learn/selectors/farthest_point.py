"""As far from what is known as can be, whatever the potential thinks of it."""

import numpy as np

from ._base import Pool, Selector, selectors
from ._novelty import farthest_first


@selectors.register("farthest-point")
class FarthestPoint(Selector):
    """Each the farthest from everything labelled and chosen before; needs no uncertainty."""

    def choose(self, pool: Pool, count: int, seed: int) -> np.ndarray:
        """The farthest first."""
        return farthest_first(pool.rows, pool.known, count)[0]
