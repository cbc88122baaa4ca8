"""Thermodynamics of a random mixture from its energy of mixing: critical temperature, spinodal, miscibility gap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.polynomial import Polynomial

from ..errors import InputError
from ..units import BOLTZMANN

_GRID = 20_001
"""Compositions at which free energies are compared."""


@dataclass(frozen=True)
class Mixture:
    r"""An energy of mixing as Redlich and Kister write it, for an atom, x the part of the second element:

    $$\Delta E(x) = x (1 - x) \sum_k L_k (1 - 2x)^k .$$

    One coefficient is a regular solution. Entropies are those of a random mixture; vibrations are left out.

    ??? cite "Reference"
        O. Redlich, A. T. Kister, *Ind. Eng. Chem.* **40**, 345 (1948), doi:10.1021/ie50458a036
    """

    coefficients: Float[np.ndarray, " terms"]
    """L_k, eV."""

    @classmethod
    def fitted(
        cls, shares: Float[np.ndarray, " points"], energies: Float[np.ndarray, " points"], terms: int = 2
    ) -> "Mixture":
        """Least squares through energies of mixing, eV/atom. The ends, where they are zero, say nothing.

        **Raises:** `InputError` for fewer compositions between the ends than terms.
        """
        inner = (shares > 0) & (shares < 1)
        there = len(np.unique(shares[inner]))
        if there < terms:
            raise InputError(f"{terms} terms need as many compositions between the ends, there are {there}; give more")
        x = shares[inner]
        columns = [x * (1 - x) * (1 - 2 * x) ** k for k in range(terms)]
        return cls(np.linalg.lstsq(np.stack(columns, axis=1), energies[inner], rcond=None)[0])

    @property
    def energy(self) -> Polynomial:
        """ΔE(x), eV/atom."""
        x = Polynomial([0.0, 1.0])
        return sum((c * x * (1 - x) * (1 - 2 * x) ** k for k, c in enumerate(self.coefficients)), Polynomial([0.0]))

    def free_energy(self, shares: Float[np.ndarray, " points"], temperature: float) -> Float[np.ndarray, " points"]:
        """ΔE - T ΔS of the random mixture, eV/atom; the temperature in K."""
        x = np.asarray(shares, float)
        # 0 ln 0 = 0
        logarithms = [part * np.log(np.where(part > 0, part, 1.0)) for part in (x, 1 - x)]
        return self.energy(x) + BOLTZMANN * temperature * sum(logarithms)

    def spinodal(self, shares: Float[np.ndarray, " points"]) -> Float[np.ndarray, " points"]:
        """Temperature, K, below which a mixture falls apart by itself: where the free energy has no curvature."""
        x = np.asarray(shares, float)
        return np.maximum(-self.energy.deriv(2)(x) * x * (1 - x) / BOLTZMANN, 0.0)

    @property
    def critical(self) -> tuple[float, float]:
        """The part of the second element, and the temperature in K, of the top of the spinodal; 0 K: none.

        It is the top of the miscibility gap, too, since there curvature and its derivative vanish together.
        """
        x = Polynomial([0.0, 1.0])
        temperature = -self.energy.deriv(2) * x * (1 - x) / BOLTZMANN
        roots = temperature.deriv().roots()
        tops = np.real(roots[(np.abs(np.imag(roots)) < 1e-9) & (np.real(roots) > 0) & (np.real(roots) < 1)])
        best = max(tops, key=temperature, default=0.5)
        return float(best), max(float(temperature(best)), 0.0)

    def gap(self, temperature: float) -> tuple[float, float] | None:
        """Ends of the widest miscibility gap, by the convex hull of the free energy; None where all mix."""
        x = np.linspace(0, 1, _GRID)
        corners = _lower_hull(x, self.free_energy(x, temperature))
        widths = np.diff(corners)
        widest = int(np.argmax(widths))
        return (float(x[corners[widest]]), float(x[corners[widest + 1]])) if widths[widest] > 2 else None


def _lower_hull(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Indices of points on the lower convex hull, from left to right."""
    kept: list[int] = []
    for place in range(len(x)):
        while len(kept) > 1 and _bends_down(x, y, *kept[-2:], place):
            kept.pop()
        kept.append(place)
    return np.array(kept)


def _bends_down(x: np.ndarray, y: np.ndarray, first: int, second: int, third: int) -> bool:
    return (y[second] - y[first]) * (x[third] - x[second]) >= (y[third] - y[second]) * (x[second] - x[first])
