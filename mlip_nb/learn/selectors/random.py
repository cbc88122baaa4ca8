"""Chance, beside which every other rule has to be better."""

import numpy as np

from ._base import Pool, Selector, selectors


@selectors.register("random")
class Random(Selector):
    """Any of them."""

    def choose(self, pool: Pool, count: int, seed: int) -> np.ndarray:
        """By the seed."""
        return np.random.default_rng(seed).permutation(len(pool.rows))[:count]
