"""A dislocation that glides: where its line is, and the load that moves it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicHermiteSpline, CubicSpline

from ..errors import SimulationError
from .elastic_band import Places, Surface, relaxed

_FINE = 2001
_STEP, _CLOSE = 1 / 8, 1 / 500
"""Of the way: by which a line is pushed on, and how well its steepest place is found."""
_MOST = 1000


@dataclass(frozen=True)
class Glide:
    r"""The position of a line, Å: $X = d \sum_a \hat D_a \cdot u_a / \sum_a |D_a|$.

    $u_a$ is how far an atom is from where it began, $D_a$ how far once the line has gone its way d. X goes with the
    area that has slipped, so that a stress $\tau$ does the work $\tau b L X$ on it.
    """

    start: Float[np.ndarray, " coordinates"]
    weights: Float[np.ndarray, " coordinates"]
    """How X changes with each coordinate."""
    distance: float
    """How far the line goes, Å."""

    @classmethod
    def between(
        cls, start: Float[np.ndarray, " coordinates"], end: Float[np.ndarray, " coordinates"], distance: float
    ) -> "Glide":
        """From both ends of its way."""
        moves = (end - start).reshape(-1, 3)
        lengths = np.linalg.norm(moves, axis=1, keepdims=True)
        directions = np.divide(moves, lengths, out=np.zeros_like(moves), where=lengths > 0)
        return cls(start, distance * directions.ravel() / lengths.sum(), distance)

    def where(self, places: Places) -> Float[np.ndarray, " images"]:
        """Position of the line, Å, 0 at the start."""
        return (places - self.start) @ self.weights

    def steepest(
        self, places: Places, arc: Float[np.ndarray, " images"], energies, slopes: Float[np.ndarray, " images"]
    ) -> float:
        """Largest force on the line along a path of least energy, eV/Å: of the curve through energies with their slopes
        along the arc (Å)."""
        fine = np.linspace(arc[0], arc[-1], _FINE)
        pace = CubicSpline(arc, self.where(places))(fine, 1)
        return float(np.max(CubicHermiteSpline(arc, energies, slopes)(fine, 1) / np.maximum(pace, 1e-3 * pace.max())))

    def critical(self, surface: Surface, *, force: float, steps: int) -> float:
        """The largest force that holds the line where it is on its way, eV/Å: it is pushed on, and all else relaxes.

        **Raises:** `SimulationError` where that force never falls.
        """
        unit = self.weights / (self.weights @ self.weights)

        def across(places: Places):
            energies, slopes = surface(places)
            return energies, slopes - (slopes @ unit)[:, None] * self.weights

        before = here = (self.start, 0.0)
        largest, step = 0.0, _STEP * self.distance
        for _ in range(_MOST):
            further, left = relaxed(across, here[0] + step * unit, force=force, steps=steps)
            if left > force:
                raise SimulationError(f"around the line a force of {left:.2g} eV/Å is left; take more --steps")
            held = float(surface(further[None])[1][0] @ unit)
            largest = max(largest, held)
            if held > here[1]:
                before, here = here, (further, held)
            else:
                # The largest lies on either side of where it was last seen to rise.
                here, step = before, step / 2
            if step < _CLOSE * self.distance:
                return largest
        raise SimulationError("the line does not glide, however it is pushed; check that the end is the next valley")
