"""Quasi-Newton steps with little memory."""

from typing import ClassVar

import numpy as np

from ._base import Descent, Optimizer, Positive, Search, Shares, Told, Vector, optimizers

_MEMORY = 10


class QuasiNewton(Descent):
    """Along the inverse Hessian that the last steps have shown."""

    learned: ClassVar[tuple[str, ...]] = (*Descent.learned, "pairs")

    def __init__(self, start: Vector, reach: float, first: float):
        super().__init__(start, reach)
        self.first = first
        self.pairs = np.zeros((0, 2, len(start)))
        """Steps, and the changes of the slope across them."""

    def forget(self) -> None:
        """Steps as well."""
        super().forget()
        self.pairs = self.pairs[:0]

    def _accept(self, ahead: Vector, told: Told) -> None:
        step, change = ahead - self.at, told.slope - self.slope
        if step @ change > 1e-12 * np.linalg.norm(step) * np.linalg.norm(change):
            self.pairs = np.concatenate([self.pairs, [(step, change)]])[-_MEMORY:]
        super()._accept(ahead, told)

    def _refuse(self, told: Told) -> None:
        super()._refuse(told)
        if self.over and len(self.pairs):
            self.forget()
            self.over = False

    def _turn(self, told: Told) -> None:
        slope = self._free(self.slope)
        self.direction, self.length = -self._product(slope), 1.0
        size = np.linalg.norm(self.direction)
        if not len(self.pairs) or self.direction @ slope >= 0:
            size = np.linalg.norm(slope)
            self.direction = -slope * self.first / max(size, 1e-300)
        self.over = size < 1e-14

    def _product(self, slope: Vector) -> Vector:
        """The inverse Hessian times a slope, by two loops."""
        along, shares = slope.copy(), []
        for step, change in self.pairs[::-1]:
            shares.append((step @ along) / (step @ change))
            along = along - shares[-1] * change
        if len(self.pairs):
            step, change = self.pairs[-1]
            along = along * (step @ change) / (change @ change)
        for (step, change), share in zip(self.pairs, reversed(shares), strict=True):
            along = along + step * (share - (change @ along) / (step @ change))
        return along


@optimizers.register("l-bfgs")
class LBFGS(Optimizer):
    """Quasi-Newton steps from the last ten slopes: the best choice where the objective is smooth.

    ??? cite "Reference"
        D. C. Liu, J. Nocedal, *Math. Program.* **45**, 503 (1989), doi:10.1007/BF01589116
    """

    first: Positive = 0.3
    """Length of the first step."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return QuasiNewton(start, reach, self.first)
