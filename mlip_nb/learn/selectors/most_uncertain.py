"""What the potential is least sure of."""

import numpy as np

from ._base import Pool, Selector, selectors


@selectors.register("most-uncertain")
class MostUncertain(Selector):
    """The largest uncertainty, structure by structure; several may say the same."""

    def choose(self, pool: Pool, count: int, seed: int) -> np.ndarray:
        """In the order of uncertainties, largest first."""
        return np.argsort(-pool.uncertainties, kind="stable")[:count]
