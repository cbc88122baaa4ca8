"""Rates from constrained sampling: free energy along a reaction coordinate, flux, recrossing."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline

from .averages import average

_POINTS = 4001
"""Of the integral over reactants."""


@dataclass(frozen=True)
class Profile:
    """Slope of the free energy at some values of the coordinate, ascending, and its integral."""

    coordinate: Float[np.ndarray, " window"]
    slope: Float[np.ndarray, " window"]
    """eV over the unit of the coordinate."""
    error: Float[np.ndarray, " window"]
    """Standard error of the slope."""

    def free_energy(
        self, at: Float[np.ndarray, " point"], origin: float
    ) -> tuple[Float[np.ndarray, " point"], Float[np.ndarray, " point"]]:
        """eV above that at the origin, with its standard error: a cubic spline of the slopes, integrated."""
        shares = self._shares(at, origin)
        return shares @ self.slope, np.sqrt(shares**2 @ self.error**2)

    def log_density(self, dividing: float, reactants: float, kT: float) -> tuple[float, float]:
        """Logarithm of the density at the dividing surface, per unit of the coordinate, among all between it and the
        far end of the reactants; and its standard error."""
        points = np.linspace(reactants, dividing, _POINTS)
        shares = self._shares(points, dividing)
        exponents = -shares @ self.slope / kT
        weights = np.exp(exponents - exponents.max()) * abs(points[1] - points[0])
        weights[[0, -1]] /= 2
        logarithm = -math.log(weights.sum()) - exponents.max()
        slopes = weights @ shares / weights.sum() / kT
        return logarithm, float(np.sqrt(slopes**2 @ self.error**2))

    def _shares(self, at: np.ndarray, origin: float) -> Float[np.ndarray, "point window"]:
        """What each slope contributes to the free energy at each point: the integral is linear in them."""
        integral = CubicSpline(self.coordinate, np.eye(len(self.coordinate))).antiderivative()
        return integral(at) - integral(origin)


def profile_of(
    coordinate: Float[np.ndarray, " window"],
    forces: Float[np.ndarray, "frame window"],
    roots: Float[np.ndarray, "frame window"],
) -> Profile:
    """That of constrained runs, where `roots` are the weights of their frames."""
    slope = (roots * forces).mean(axis=0) / roots.mean(axis=0)
    # To first order a ratio of means varies as the mean of this.
    error = average(roots * (forces - slope) / roots.mean(axis=0)).error
    order = np.argsort(coordinate)
    return Profile(np.asarray(coordinate)[order], slope[order], error[order])


def log_flux(roots: Float[np.ndarray, "frame chain"], kT: float) -> tuple[float, float]:
    r"""Logarithm of half the mean speed of the coordinate at the dividing surface, $\sqrt{k_BT/2\pi} / \langle
    z^{-1/2} \rangle$ over the constrained ensemble; and its standard error."""
    mean, error = over_chains(roots)
    return 0.5 * math.log(kT / (2 * math.pi)) - math.log(float(mean)), float(error / mean)


def over_chains(
    values: Float[np.ndarray, "frame chain *rest"],
) -> tuple[Float[np.ndarray, "*rest"], Float[np.ndarray, "*rest"]]:
    """Mean over frames and independent chains, and its standard error."""
    found = average(values)
    return found.mean.mean(axis=0), np.sqrt(np.sum(found.error**2, axis=0)) / values.shape[1]


@dataclass(frozen=True)
class Transmission:
    """How many of those that cross the dividing surface are products later, less those that come from there."""

    curve: Float[np.ndarray, " delay"]
    curve_error: Float[np.ndarray, " delay"]
    plateau: float
    """Mean over the last quarter."""
    error: float
    fall: float
    """By how much the quarter before is above the last one."""
    fall_error: float
    """Standard error of that."""


def transmission_of(crossed: Float[np.ndarray, "frame chain delay"]) -> Transmission:
    r"""From pairs of trajectories that start with opposite momenta, drawn by their flux through the surface:
    `crossed` is 1 where the one towards products is there and the other is not, -1 where it is the other way round.

    $$\kappa(t) = \langle \theta[s_+(t)] - \theta[s_-(t)] \rangle$$
    """
    curve, curve_error = over_chains(crossed)
    quarter = max(crossed.shape[2] // 4, 1)
    last = crossed[..., -quarter:].mean(axis=2)
    before = crossed[..., -2 * quarter : -quarter].mean(axis=2) if crossed.shape[2] >= 2 * quarter else last
    (plateau, error), (fall, fall_error) = over_chains(last), over_chains(before - last)
    return Transmission(curve, curve_error, float(plateau), float(error), float(fall), float(fall_error))
