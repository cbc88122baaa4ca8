"""Slopes without derivatives."""

from typing import ClassVar

import numpy as np

from ._base import Descent, Need, Optimizer, Positive, Search, Shares, State, Told, Vector, optimizers
from .l_bfgs import QuasiNewton


class _Differences(Search):
    def __init__(self, inner: Descent, step: float):
        self._inner, self._step = inner, step

    def ask(self) -> np.ndarray:
        here = self._inner.ask()
        return np.concatenate([here, here + self._step * np.eye(here.shape[1])])

    def tell(self, found: list[Told]) -> None:
        values = np.array([told.value for told in found])
        self._inner.tell([Told(values[0], np.nan_to_num((values[1:] - values[0]) / self._step))])
        self.over = self._inner.over

    def forget(self) -> None:
        super().forget()
        self._inner.forget()

    @property
    def state(self) -> State:
        return self._inner.state

    def restore(self, state: State) -> None:
        self._inner.restore(state)
        self.over = self._inner.over


@optimizers.register("finite-differences")
class FiniteDifferences(Optimizer):
    """L-BFGS with slopes from differences, one evaluation for each number: what gradients are compared with."""

    needs: ClassVar[Need] = "value"
    step: Positive = 1e-6
    """By which each number is changed."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return _Differences(QuasiNewton(start, reach, 0.3), self.step)
