"""Searches that ask for designs and are told what they are worth: one for each start, all of them in step."""

import abc
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

import annotated_types
import numpy as np
from jaxtyping import Float

from ...params import Params
from ...registry import Registry

optimizers: Registry["Optimizer"] = Registry("optimizer", "mlip_nb.design.optimizers")
"""Every optimiser known by name."""

Vector = Float[np.ndarray, " numbers"]
Shares = Callable[[Vector], Vector]
"""Shares of elements where numbers are logits, ones elsewhere."""
Need = Literal["value", "slope", "jacobian"]
State = dict[str, np.ndarray]
Positive = Annotated[float, annotated_types.Gt(0)]

_SUFFICIENT = 1e-4
"""Part of the fall that the slope promises, which a step must bring."""
SHORTEST = 1e-10
"""A step below which nothing is to be gained."""


class Told:
    """What is known of a design that was asked for."""

    def __init__(self, value: float, slope: Vector, residuals=None, jacobian=None):
        self.value, self.slope, self.residuals, self.jacobian = value, slope, residuals, jacobian


class Search(abc.ABC):
    """One start."""

    over: bool = False
    """True when nothing more is to be gained."""
    learned: ClassVar[tuple[str, ...]] = ("at",)
    """What it knows besides: numbers and arrays."""

    @abc.abstractmethod
    def ask(self) -> Float[np.ndarray, "designs numbers"]:
        """Designs to evaluate; the same number each time."""

    @abc.abstractmethod
    def tell(self, found: list[Told]) -> None:
        """What they are worth."""

    def forget(self) -> None:
        """What was learned holds no more: the objective has changed."""
        self.over = False

    @property
    def state(self) -> State:
        """All that is needed to go on as if nothing had come between."""
        return {name: np.array(getattr(self, name)) for name in (*self.learned, "over")}

    def restore(self, state: State) -> None:
        """Be what another one was."""
        for name, value in state.items():
            setattr(self, name, value if value.ndim else value.item())


class Optimizer(Params):
    """How a design is improved."""

    registry: ClassVar[Registry] = optimizers
    needs: ClassVar[Need] = "slope"
    """What of each evaluation."""

    @abc.abstractmethod
    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """From a start; no number may be larger than `reach`."""


class Descent(Search):
    """Steps that are taken back where they do not lead down."""

    learned: ClassVar[tuple[str, ...]] = ("at", "value", "slope", "direction", "length")

    def __init__(self, start: Vector, reach: float):
        self.at, self.reach = start, reach
        self.value, self.slope = np.inf, np.zeros_like(start)
        self.direction, self.length = np.zeros_like(start), 1.0

    def ask(self) -> np.ndarray:
        return self._ahead()[None]

    def tell(self, found: list[Told]) -> None:
        ahead, told = self._ahead(), found[0]
        if not np.isfinite(self.value):
            self._begin(ahead, told)
        elif np.isfinite(told.value) and told.value <= self.value + _SUFFICIENT * self.slope @ (ahead - self.at):
            self._accept(ahead, told)
        else:
            self._refuse(told)

    def forget(self) -> None:
        super().forget()
        self.value, self.length = np.inf, 0.0

    def _ahead(self) -> Vector:
        return np.clip(self.at + self.length * self.direction, -self.reach, self.reach)

    def _begin(self, at: Vector, told: Told) -> None:
        self.at, self.value, self.slope = at, told.value, told.slope
        self._turn(told)

    def _accept(self, ahead: Vector, told: Told) -> None:
        self.at, self.value, self.slope = ahead, told.value, told.slope
        self._turn(told)

    def _refuse(self, told: Told) -> None:
        """Back to where a parabola through both values has its minimum."""
        promised = self.length * (self.slope @ self.direction)
        bent = told.value - self.value - promised
        self.length *= float(np.clip(-promised / (2 * bent), 0.1, 0.5)) if np.isfinite(bent) and bent > 0 else 0.1
        self.over = self.length * np.linalg.norm(self.direction) < SHORTEST

    def _free(self, slope: Vector) -> Vector:
        """Nothing that pushes against a bound."""
        pushes = (np.abs(self.at) >= self.reach) & (np.sign(-slope) == np.sign(self.at))
        return np.where(pushes, 0.0, slope)

    @abc.abstractmethod
    def _turn(self, told: Told) -> None:
        """A direction and a length from what is known now."""
