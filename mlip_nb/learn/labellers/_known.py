"""Labels that exist already: a pool, of which only what is asked for is looked at."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ...system import System
from ..frames import Labelled, fingerprint
from ._base import AbstractOracle

_SAME = 1e-6
"""Å: what writing positions with eight decimals changes, and more."""


class KnownLabels(AbstractOracle):
    """Finds the label of a structure among frames that have one."""

    quick: ClassVar[bool] = True

    def __init__(self, frames: Sequence[Labelled]):
        self._frames = list(frames)
        self.about = f"{len(frames)} known labels {fingerprint(frames)[:12]}"

    def labels(self, system: System) -> tuple[float, np.ndarray, np.ndarray | None]:
        """**Raises:** `LookupError` for a structure that is not among them."""
        for frame in self._frames:
            if _are_same(frame.system, system) and frame.energy is not None and frame.forces is not None:
                return frame.energy, frame.forces, frame.stress
        raise LookupError("this structure is not among those with a label")


def _are_same(one: System, other: System) -> bool:
    if len(one.numbers) != len(other.numbers) or not np.array_equal(one.numbers, other.numbers):
        return False
    pairs = ((one.positions, other.positions), (one.cell, other.cell))
    return all(np.allclose(first, second, rtol=0, atol=_SAME) for first, second in pairs)
