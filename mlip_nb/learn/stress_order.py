"""In which order and sign a file gives stresses, told by a potential's predictions; and how to put them right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from ._orders import ORDERS, Order, shears_of
from .frames import Labelled

_DECISIVE = 0.2
"""How much the best correlation must exceed that of another order, and normal components agree in sign."""


@dataclass(frozen=True)
class StressOrder:
    """What predictions say about the stresses of one group."""

    group: str
    frames: int
    """How many took part."""
    shear: dict[str, float]
    """Order of components -> correlation of the shears with those predicted; negative: compression is positive."""
    normal: float
    """Correlation of xx, yy and zz, less their mean, with those predicted: the sign, whatever the order."""

    @property
    def order(self) -> Order | None:
        """What fits; None where predictions do not decide, or shears and normal components contradict each other."""
        ranked = sorted(self.shear, key=lambda name: -abs(self.shear[name]))
        best, second = (self.shear[name] for name in ranked[:2])
        sign = 1 if best > 0 else -1
        if abs(best) - abs(second) < _DECISIVE or sign * self.normal < -_DECISIVE:
            return None
        return next(order for order in ORDERS if order.sign == sign and ",".join(order.shears) == ranked[0])

    def __str__(self) -> str:
        found = self.order or "undecided"
        values = "  ".join(f"{name} {value:+.2f}" for name, value in self.shear.items())
        return f"{self.group or 'all'} ({self.frames}): {found}; normal {self.normal:+.2f}; {values}"


def stress_order_against(frames: Sequence[Labelled], predicted: Sequence[np.ndarray]) -> dict[str, StressOrder]:
    """For each group, how well stresses agree with predictions (`[3, 3]` each, eV/Å³) in each order of components.

    A potential trained on energies and forces alone predicts stresses well enough to tell orders apart.

    **Raises:** `InputError` when there is not one prediction for each frame.
    """
    if len(predicted) != len(frames):
        raise InputError(f"{len(predicted)} predictions for {len(frames)} frames; give one for each, in their order")
    groups = sorted({frame.group for frame in frames if frame.stress is not None})
    return {group: _of_group(group, frames, predicted) for group in groups}


def reordered(frames: Sequence[Labelled], order: Order, *, group: str | None = None) -> list[Labelled]:
    """The frames with the stresses of a group (None: of all) put right; the others as they are."""
    return [
        replace(frame, stress=order.restored(frame.stress))
        if frame.stress is not None and group in (None, frame.group)
        else frame
        for frame in frames
    ]


def _of_group(group: str, frames: Sequence[Labelled], predicted: Sequence[np.ndarray]) -> StressOrder:
    own = [place for place, frame in enumerate(frames) if frame.group == group and frame.stress is not None]
    given = np.stack([frames[place].stress for place in own])
    expected = np.stack([np.asarray(predicted[place], float) for place in own])
    shear = {
        ",".join(order.shears): _correlation(shears_of(order.restored(given)), shears_of(expected))
        for order in ORDERS
        if order.sign > 0
    }
    return StressOrder(group, len(own), shear, _correlation(_normals(given), _normals(expected)))


def _normals(stress: np.ndarray) -> np.ndarray:
    """xx, yy, zz less their mean: pressures at one volume hardly vary, and potentials get them wrong by a constant."""
    diagonal = stress[:, range(3), range(3)]
    return diagonal - diagonal.mean(axis=1, keepdims=True)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's, of all numbers together; 0 where one of them does not vary."""
    first, second = first.ravel() - first.mean(), second.ravel() - second.mean()
    scale = np.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second) / scale) if scale > 0 else 0.0
