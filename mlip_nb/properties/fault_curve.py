"""What a curve of stacking-fault energies says: where halves of a crystal stop, and what they have to pass."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicHermiteSpline

_END = 0.02
"""Of the translation: nearer to an end is the perfect crystal."""
_FINE = 2001


@dataclass(frozen=True)
class Marks:
    """Energies in the unit of the curve, places in parts of the translation; NaN where there is none."""

    unstable: float
    """The highest on the way to the stable fault, from the nearer side; without a stable fault the highest at all."""
    unstable_at: float
    stable: float
    """The lowest minimum between the ends."""
    stable_at: float
    steepest: float
    """Largest slope, of either sign, by part of the translation."""


def marks(
    parts: Float[np.ndarray, " slide"], energies: Float[np.ndarray, " slide"], slopes: Float[np.ndarray, " slide"]
) -> Marks:
    """Of the cubic curve through energies that has their slopes (by part of the translation), too."""
    curve = CubicHermiteSpline(parts, energies, slopes)
    fine = np.linspace(parts[0], parts[-1], _FINE)
    level = np.array([place for place in curve.derivative().roots(extrapolate=False) if _END < place < 1 - _END])
    minima = level[curve(level, 2) > 0]
    stable_at = float(minima[np.argmin(curve(minima))]) if len(minima) else np.nan
    sides = [(0.0, stable_at), (stable_at, 1.0)] if len(minima) else [(0.0, 1.0)]
    tops = [_top(curve, level, side) for side in sides]
    unstable_at = min(tops, key=lambda place: float(curve(place)))
    steepest = float(np.abs(curve(fine, 1)).max())
    return Marks(float(curve(unstable_at)), unstable_at, float(curve(stable_at)), stable_at, steepest)


def _top(curve: CubicHermiteSpline, level: Float[np.ndarray, " places"], side: tuple[float, float]) -> float:
    """The highest place of a piece of the curve."""
    inside = [*side, *level[(level > side[0]) & (level < side[1])]]
    return float(max(inside, key=lambda place: float(curve(place))))
