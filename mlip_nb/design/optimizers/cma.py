"""Evolution strategies."""

from typing import ClassVar

import numpy as np

from ...errors import InputError
from ._base import Need, Optimizer, Positive, Search, Shares, State, Told, Vector, optimizers


class _Evolution(Search):
    def __init__(self, start: Vector, reach: float, spread: float, seed: int):
        try:
            import cma
        except ImportError:
            raise InputError("optimizer cma is of another package: pip install cma, or take l-bfgs") from None
        noise = np.random.default_rng(seed)
        bounds = [-reach, reach] if np.isfinite(reach) else None
        # Noise of its own: by default all strategies of a process draw from one generator.
        options = {"seed": np.nan, "randn": lambda *shape: noise.standard_normal(shape)}
        self._strategy = cma.CMAEvolutionStrategy(start, spread, {**options, "verbose": -9, "bounds": bounds})
        self._generations: list[list[float]] = []

    def ask(self) -> np.ndarray:
        self._asked = self._strategy.ask()
        return np.stack(self._asked)

    def tell(self, found: list[Told]) -> None:
        self._learn([told.value if np.isfinite(told.value) else 1e30 for told in found])

    def _learn(self, values: list[float]) -> None:
        self._strategy.tell(self._asked, values)
        self._generations.append(values)

    @property
    def state(self) -> State:
        """What every generation was worth: its noise being known, the strategy follows from that."""
        return {"generations": np.array(self._generations), "over": np.array(self.over)}

    def restore(self, state: State) -> None:
        """From the beginning, generation by generation."""
        for values in state["generations"]:
            self.ask()
            self._learn(values.tolist())


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
