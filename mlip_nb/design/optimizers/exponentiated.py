"""Steps along the simplex of shares."""

from typing import ClassVar

import numpy as np

from ._base import Descent, Optimizer, Positive, Search, Shares, Told, Vector, optimizers


class _Exponentiated(Descent):
    learned: ClassVar[tuple[str, ...]] = (*Descent.learned, "rate")

    def __init__(self, start: Vector, reach: float, rate: float, shares: Shares):
        super().__init__(start, reach)
        self.rate, self._shares = rate, shares

    def _accept(self, ahead: Vector, told: Told) -> None:
        self.rate *= 1.3
        super()._accept(ahead, told)

    def _refuse(self, told: Told) -> None:
        self.rate *= 0.5
        super()._refuse(told)

    def _turn(self, told: Told) -> None:
        slope = self._free(self.slope)
        # By shares and not by logits: dL/dz = w (dL/dw - mean), and a constant of a site changes no share.
        self.direction = -slope / self._shares(self.at)
        self.length = self.rate / max(np.abs(self.direction).max(), 1e-300)


@optimizers.register("exponentiated")
class Exponentiated(Optimizer):
    """Shares of elements times exp(-η ∂L/∂w): for species; what else is varied goes down its slope.

    ??? cite "Reference"
        J. Kivinen, M. K. Warmuth, *Inf. Comput.* **132**, 1 (1997), doi:10.1006/inco.1996.2612
    """

    rate: Positive = 0.5
    """Largest change of a logit in the first step; longer after good steps, shorter after bad ones."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return _Exponentiated(start, reach, self.rate, shares)
