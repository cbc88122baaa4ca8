"""Evolution strategies."""

from typing import ClassVar

import numpy as np

from ...errors import InputError
from ._base import Need, Optimizer, Positive, Search, Shares, Told, Vector, optimizers


class _Evolution(Search):
    def __init__(self, start: Vector, reach: float, spread: float, seed: int):
        try:
            import cma
        except ImportError:
            raise InputError("optimizer cma is of another package: pip install cma, or take l-bfgs") from None
        options = {"seed": seed + 1, "verbose": -9, "bounds": [-reach, reach] if np.isfinite(reach) else None}
        self._strategy = cma.CMAEvolutionStrategy(start, spread, options)

    def ask(self) -> np.ndarray:
        self._asked = self._strategy.ask()
        return np.stack(self._asked)

    def tell(self, found: list[Told]) -> None:
        values = [told.value if np.isfinite(told.value) else 1e30 for told in found]
        self._strategy.tell(self._asked, values)


@optimizers.register("cma")
class CMA(Optimizer):
    """Evolution with an adapted covariance, without gradients: what gradients are compared with.

    ??? cite "Reference"
        N. Hansen, arXiv:1604.00772 (2016)
    """

    needs: ClassVar[Need] = "value"
    spread: Positive = 0.3
    """Standard deviation of the first generation."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return _Evolution(start, reach, self.spread, seed)
