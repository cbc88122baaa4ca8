"""Slopes and integrals of correlations between two times."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.integrate import cumulative_trapezoid

from ..errors import InputError
from ..params import Duration
from ._blocks import Correlated, of_blocks
from ._trajectory import Trajectory


@dataclass(frozen=True)
class Window:
    """The times at which something is fitted."""

    lags: Float[np.ndarray, " lags"]
    inside: np.ndarray

    @classmethod
    def of(cls, lags: Float[np.ndarray, " lags"], begin: float | None, name: str = "fit_from") -> "Window":
        """From a fifth of the longest time, unless something else is said.

        **Raises:** `InputError` for fewer than three times.
        """
        inside = (lags >= (lags[-1] / 5 if begin is None else begin)) & (lags > 0)
        if inside.sum() < 3:
            told = f"{inside.sum()} frames lie between it and the longest time, {lags[-1]:g} fs"
            raise InputError(f"{name}: {told}; 3 are needed")
        return cls(lags, inside)

    def slope(self, curves: Float[np.ndarray, "blocks lags"]) -> Float[np.ndarray, " blocks"]:
        """Of straight lines. Squares of a random walk scatter by the third power of time."""
        time, values = self.lags[self.inside], curves[:, self.inside]
        weights = time**-3 / np.sum(time**-3)
        away = time - weights @ time
        return values @ (weights * away) / (weights @ away**2)

    def exponent(self, curve: Float[np.ndarray, " lags"]) -> float:
        """With which power of time a curve grows."""
        return float(np.polyfit(np.log(self.lags[self.inside]), np.log(np.maximum(curve[self.inside], 1e-300)), 1)[0])

    def running(self, curves: Float[np.ndarray, "blocks lags"]) -> Float[np.ndarray, "blocks lags"]:
        """Integrals of correlations from 0 to each time."""
        return cumulative_trapezoid(curves, self.lags, axis=1, initial=0)

    def integral(self, curves: Float[np.ndarray, "blocks lags"]) -> Float[np.ndarray, " blocks"]:
        """Of correlations from 0 to the times, their mean."""
        return self.running(curves)[:, self.inside].mean(axis=1)


class GreenKubo(Correlated):
    """A coefficient that is the integral of a correlation over time."""

    plateau_from: Duration | None = None
    """Time from which the integral is constant; a fifth of the longest when not given."""

    def window(self, run: Trajectory, purpose: str) -> Window:
        """All times between frames, and those of the plateau.

        **Raises:** `InputError` for a run without a cell, and one that is too short.
        """
        run.need_cell(purpose)
        return Window.of(run.interval * np.arange(self.lags(run, purpose)), self.plateau_from, name="plateau_from")


def with_error(name: str, estimates: Float[np.ndarray, " blocks"]) -> dict[str, float]:
    """Mean and standard error, as two variables."""
    mean, error = of_blocks(estimates)
    return {name: float(mean), f"{name}_error": float(error)}
