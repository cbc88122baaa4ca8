"""Live parameters as they were at every stored frame."""

from collections.abc import Iterator, Mapping

import numpy as np

from .. import units
from ..params import Params
from ..schedule import Ladder, Schedule
from ._base import Controls


class LiveValues:
    """Hands out controls, and remembers from which step on they held."""

    def __init__(self, controls: Controls, workflow: Params, timestep: float, copies: int):
        self._controls, self._timestep, self._copies = controls, timestep, copies
        self._units = dict(_units_of(workflow))
        self._held: list[tuple[int, Mapping[str, float | Schedule | Ladder]]] = []

    def __call__(self, step: int) -> tuple[Mapping[str, float | Schedule | Ladder], int]:
        """Values in internal units that hold from a step on, and the step at which to ask again."""
        values, until = self._controls(step)
        if not self._held or self._held[-1][1] != values:
            self._held.append((step, values))
        return values, until

    def at(self, steps: np.ndarray) -> dict[str, np.ndarray]:
        """User units, one for each frame and replica; a change at a step shows in the frames after it."""
        begun = np.array([step for step, _ in self._held])
        which = np.maximum(np.searchsorted(begun, steps, side="left") - 1, 0)
        return {f"live_{name}": self._column(name, steps, which) for name in self._units}

    def _column(self, name: str, steps: np.ndarray, which: np.ndarray) -> np.ndarray:
        """All frames of one parameter; `which` of the values held for each of them."""
        column = np.empty((len(steps), self._copies))
        for held in np.unique(which):
            there = which == held
            column[there] = self._inside(self._held[held][1][name], steps[there])
        told = units.from_internal(column, unit) if (unit := self._units[name]) else column
        return told if self._copies > 1 else told[:, 0]

    def _inside(self, value: float | Schedule | Ladder, steps: np.ndarray) -> np.ndarray:
        """`[frame, replica]`, or what becomes that."""
        if isinstance(value, Schedule):
            return np.interp(steps * self._timestep, value.times, value.values)[:, None]
        return np.array(value.values) if isinstance(value, Ladder) else np.array(value)


def _units_of(params: Params) -> Iterator[tuple[str, str | None]]:
    """Live parameters, those of parts included."""
    for field in type(params).fields():
        value = getattr(params, field.name)
        if isinstance(value, Params):
            yield from _units_of(value)
        elif field.live is not None and value is not None:
            yield field.name, field.unit
