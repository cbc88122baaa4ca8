"""What is wanted of a design, under names that can be steered while it goes on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from ..design import QUANTITIES
from ..params import Dial
from ._helm import ACCEPT

if TYPE_CHECKING:
    from .design import Design

GOAL, WEIGHT = "target_", "weight_"
"""Before the name of a quantity, which may be that of a parameter, too: pressure is."""
_SPAN = 0.5
"""How far a slider goes to either side of its goal, as a share of that."""
_HEAVIEST = 10.0
"""What a slider of weights goes up to."""


@dataclass(frozen=True)
class Aim:
    """Where a design is to go next."""

    goals: Float[np.ndarray, " targets"]
    weights: Float[np.ndarray, " targets"]
    accepted: bool
    """True when what there is will do."""

    @classmethod
    def of(cls, design: "Design", told: Mapping[str, Any]) -> "Aim":
        """As the controls say."""
        goals, weights = ([told[before + name] for name in design.goals] for before in (GOAL, WEIGHT))
        return cls(np.array(goals, float), np.array(weights, float), ACCEPT in told)


def steered(design: "Design") -> dict[str, float]:
    """Goals in the units of their quantities, and weights."""
    goals = {GOAL + name: goal for name, goal in design.goals.items()}
    return goals | {WEIGHT + name: weight for name, weight in design.weights.items()}


def with_changes(design: "Design", changes: dict[str, Any]) -> dict[str, Any]:
    """Changes of goals and weights as those of the parameters that hold them."""
    goals, weights = (_taken(changes, before, design.goals) for before in (GOAL, WEIGHT))
    if goals:
        changes["target"] = design.goals | goals
    if weights:
        changes["weight"] = design.weights | weights
    return changes


def dials(design: "Design") -> Iterator[Dial]:
    """One for each goal, and where there are several for each weight."""
    for name, goal in design.goals.items():
        reach = _SPAN * (abs(goal) or 1.0)
        label, doc = name.replace("_", " "), f"What {name} should be."
        yield Dial(GOAL + name, label, QUANTITIES[name].unit, goal - reach, goal + reach, doc)
    for name in design.weights if len(design.goals) > 1 else ():
        doc = f"How much the square of the relative error of {name} counts."
        yield Dial(WEIGHT + name, f"weight of {name.replace('_', ' ')}", "1", 0.0, _HEAVIEST, doc)


def _taken(changes: dict[str, Any], before: str, known: Mapping[str, float]) -> dict[str, Any]:
    return {name: changes.pop(before + name) for name in known if before + name in changes}
