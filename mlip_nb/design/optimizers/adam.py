"""Steps with momentum."""

import numpy as np

from ._base import Optimizer, Positive, Search, Shares, Told, Vector, optimizers


class _Moments(Search):
    def __init__(self, start: Vector, reach: float, rate: float):
        import optax

        self.at, self.reach, self._adam = start, reach, optax.adam(rate)
        self._state = self._adam.init(start)

    def ask(self) -> np.ndarray:
        return self.at[None]

    def tell(self, found: list[Told]) -> None:
        slope = np.nan_to_num(found[0].slope)
        change, self._state = self._adam.update(slope, self._state)
        self.at = np.clip(self.at + np.asarray(change), -self.reach, self.reach)


@optimizers.register("adam")
class Adam(Optimizer):
    """Steps of one length with momentum: slow, and hard to upset by noise.

    ??? cite "Reference"
        D. P. Kingma, J. Ba, ICLR (2015), arXiv:1412.6980
    """

    rate: Positive = 0.05
    """Length of a step of each number."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return _Moments(start, reach, self.rate)
