"""Free energies by integration over the mass."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from .free_energy import Estimate, Series


def mass_integral(masses: Sequence[float], excess: Sequence[Series], atoms: int) -> list[Estimate]:
    r"""$\beta\,\Delta F$ beyond the classical from the first mass to each, by $dF/dy = 2(\langle T \rangle - T_{cl})/y$
    with $y = m^{-1/2}$.

    `excess` are the series of $\beta(T - T_{cl})$ of these atoms, one for each mass; masses ascend. The slope of
    harmonic vibrations of one frequency, that which the lightest mass has, is integrated in closed form, and a spline
    (a line for two masses, a parabola for three) through what is left: so two isotopes of hydrogen need no mass
    between them. Any frequency is allowed for, and none is wrong.

    ??? cite "Reference"
        M. Ceriotti, T. E. Markland, *J. Chem. Phys.* **138**, 014112 (2013), doi:10.1063/1.4772676
    """
    y = np.array(masses) ** -0.5
    quanta = _quanta(float(excess[0].mean()) / (3 * atoms)) * y / y[0]
    known = 3 * atoms * (_free_energy(quanta) - _free_energy(quanta[:1]))
    left = [series - 3 * atoms * _kinetic(u) for series, u in zip(excess, quanta, strict=True)]
    slopes = [2 * series / place for series, place in zip(left, y, strict=True)]
    return [_summed(start, masses, slopes, row) for start, row in zip(known, _weights(y), strict=True)]


def _summed(start: float, masses: Sequence[float], slopes: Sequence[Series], weights: Series) -> Estimate:
    value = start + sum(part * slope.mean() for part, slope in zip(weights, slopes, strict=True))
    spread = zip(masses, weights, slopes, strict=True)
    return Estimate(float(value), {mass: part * (slope - slope.mean()) for mass, part, slope in spread})


def _weights(y: Series) -> Float[np.ndarray, "mass mass"]:
    """Of the slope at each mass in the integral from the first to each."""
    # Splines take ascending places.
    primitive = CubicSpline(y[::-1], np.eye(len(y))[::-1]).antiderivative()
    return primitive(y) - primitive(y[0])


def _quanta(kinetic: float) -> float:
    r"""$\beta\hbar\omega$ of the vibration with this kinetic energy (kT) beyond the classical; 0 without one."""
    return float(brentq(lambda u: _kinetic(u) - kinetic, 0, 4 * kinetic + 3)) if kinetic > 0 else 0.0


def _kinetic(quanta: float) -> float:
    r"""$\tfrac u4 \coth \tfrac u2 - \tfrac12$."""
    return quanta / 4 / np.tanh(quanta / 2) - 0.5 if quanta > 1e-3 else quanta**2 / 24


def _free_energy(quanta: Series) -> Series:
    r"""$\ln(2 \sinh(u/2)/u)$."""
    u = np.maximum(quanta, 1e-3)
    return np.where(quanta > 1e-3, u / 2 + np.log1p(-np.exp(-u)) - np.log(u), quanta**2 / 24)
