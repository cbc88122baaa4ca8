"""FIRE, by which bands and saddle searches move."""

import numpy as np

LONGEST = 0.1
"""Å that a coordinate may change in one step."""
_FASTEST, _FIRST = 0.8, 0.1
"""Steps at most and at first, over the shortest time in which a structure could swing."""
_MIXING, _PATIENCE = 0.1, 5


class Motion:
    """All coordinates as one body, which is stopped when it moves uphill.

    ??? cite "Reference"
        E. Bitzek et al., *Phys. Rev. Lett.* **97**, 170201 (2006), doi:10.1103/PhysRevLett.97.170201
    """

    def __init__(self, curvature: float):
        """`curvature` is the largest one at the start, eV/Å²."""
        self._curvature = curvature
        self._time, self._mixing = _FIRST / np.sqrt(curvature), _MIXING
        self._velocity: np.ndarray | float = 0.0
        self._downhill = 0

    def step(self, push: np.ndarray) -> np.ndarray:
        """Where to go, no coordinate farther than allowed."""
        longest = _FASTEST / np.sqrt(self._curvature)
        if np.sum(push * self._velocity) > 0:
            speed = np.linalg.norm(self._velocity) / np.linalg.norm(push)
            self._velocity = (1 - self._mixing) * self._velocity + self._mixing * speed * push
            self._downhill += 1
            if self._downhill > _PATIENCE:
                self._time, self._mixing = min(1.1 * self._time, longest), 0.99 * self._mixing
        else:
            self._velocity, self._downhill = np.zeros_like(push), 0
            self._time, self._mixing = max(0.5 * self._time, 1e-3 * longest), _MIXING
        self._velocity = self._velocity + self._time * push
        move = self._time * self._velocity
        return move * min(1.0, LONGEST / max(np.abs(move).max(), 1e-300))

    def stiffen(self, move: np.ndarray, change: np.ndarray) -> None:
        """Where forces have changed so much by a move: a valley may be stiffer than where the way down began."""
        self._curvature = max(self._curvature, -np.sum(change * move) / max(np.sum(move**2), 1e-300))
