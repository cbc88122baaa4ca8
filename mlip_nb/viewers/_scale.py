"""What the colours of atoms mean."""

from dataclasses import dataclass, replace

import numpy as np

_SHARE = (0.5, 99.5)
"""Percentiles at the ends of a scale, so that one wild atom does not make all others alike."""


@dataclass(frozen=True)
class Scale:
    """What the values of atoms mean, and the values at both ends of the colours."""

    label: str
    unit: str
    low: float
    high: float

    def joined(self, other: "Scale") -> "Scale":
        """A scale that covers both."""
        return replace(self, low=min(self.low, other.low), high=max(self.high, other.high))


def scale_of(label: str, unit: str, values: np.ndarray) -> Scale:
    """The scale of some values; of 0 to 1 where none is a number."""
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, _SHARE) if len(known) else (0.0, 1.0)
    return Scale(label, unit, float(low), float(high))


def lengths(values: np.ndarray) -> np.ndarray:
    """One number an atom: of vectors their length."""
    return np.linalg.norm(values, axis=-1) if values.ndim == 2 else values
