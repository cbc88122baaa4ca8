"""Steps with momentum."""

import jax
import numpy as np

from ._base import Optimizer, Positive, Search, Shares, State, Told, Vector, optimizers


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

    @property
    def state(self) -> State:
        moments = {f"moment_{place}": np.array(leaf) for place, leaf in enumerate(jax.tree.leaves(self._state))}
        return super().state | moments

    def restore(self, state: State) -> None:
        super().restore({name: state[name] for name in ("at", "over")})
        moments = [state[f"moment_{place}"] for place in range(len(state) - 2)]
        self._state = jax.tree.unflatten(jax.tree.structure(self._state), moments)


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
