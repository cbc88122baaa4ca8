"""Harmonic transition-state theory, and the factors by which tunnelling through a barrier multiplies it."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError
from .stationary import Stationary

_POINTS = 64
"""Of Gauss and Legendre in each kT of a quadrature over energies."""
_TAIL = 40.0
"""kT above the barrier where Boltzmann's factor ends the integral."""


def log_vibrations(squares: Float[np.ndarray, " vibrations"], kT: float, beads: int | None = None) -> float:
    r"""Logarithm of the partition function of harmonic vibrations, $\prod [2 \sinh(P \operatorname{asinh} x)]^{-1}$.

    With $x = \beta\hbar\omega/2P$; without `beads` the quantum one, the limit of many. One bead is classical.
    """
    quanta = units.HBAR * np.sqrt(squares) / (2 * kT)
    angle = quanta if beads is None else beads * np.arcsinh(quanta / beads)
    classical = np.log(2 * quanta)
    return float(-np.sum(classical if beads == 1 else angle + np.log(-np.expm1(-2 * angle))))


def log_partition(found: Stationary, kT: float, beads: int | None = None) -> float:
    """Logarithm of the partition function of a minimum, or of a saddle without its barrier; energies left out."""
    return found.log_rigid(kT) + log_vibrations(found.squares[found.negative :], kT, beads)


def log_tst(saddle: Stationary, reactants: Sequence[Stationary], kT: float, beads: int | None = None) -> float:
    r"""Logarithm of $\frac{k_B T}{2\pi\hbar} \frac{Z^\ddagger}{Z_r} e^{-\beta \Delta V}$, internal units.

    Vibrations as those of `beads` (1: classical, None: quantum), translations and rotations classical, nothing along
    the barrier. With one bead and a crystal this is Vineyard's rate.

    ??? cite "Reference"
        H. Eyring, *J. Chem. Phys.* **3**, 107 (1935), doi:10.1063/1.1749604;
        G. H. Vineyard, *J. Phys. Chem. Solids* **3**, 121 (1957), doi:10.1016/0022-3697(57)90059-8
    """
    flux = math.log(kT / (2 * math.pi * units.HBAR)) + log_partition(saddle, kT, beads)
    return flux - saddle.energy / kT - log_reactants(reactants, kT, beads)


def log_reactants(reactants: Sequence[Stationary], kT: float, beads: int | None = None) -> float:
    """Logarithm of their partition function, energy included; for each Å³ of each of them that flies freely."""
    return sum(log_partition(one, kT, beads) - one.energy / kT for one in reactants)


def barrier_frequency(saddle: Stationary) -> float:
    """Of the inverted barrier, angular, internal units."""
    return math.sqrt(-saddle.squares[0])


def crossover_temperature(frequency: float) -> float:
    r"""$\hbar\omega_b/2\pi$, eV: below it an instanton is what dominates tunnelling."""
    return units.HBAR * frequency / (2 * math.pi)


def wigner(frequency: float, kT: float) -> float:
    r"""$1 + (\beta\hbar\omega_b)^2/24$: the first correction, for temperatures far above the crossover.

    ??? cite "Reference"
        E. Wigner, *Z. Phys. Chem. B* **19**, 203 (1932)
    """
    return 1 + (units.HBAR * frequency / kT) ** 2 / 24


def eckart(frequency: float, forward: float, reverse: float, kT: float) -> float:
    """Exact tunnelling factor of Eckart's barrier with these heights from either side, eV, and this frequency.

    The transmission averaged over energies of a thermal beam, over that of a classical particle.

    **Raises:** `InputError` for a barrier that is none.

    ??? cite "Reference"
        C. Eckart, *Phys. Rev.* **35**, 1303 (1930), doi:10.1103/PhysRev.35.1303;
        H. S. Johnston, J. Heicklen, *J. Phys. Chem.* **66**, 532 (1962), doi:10.1021/j100809a040
    """
    for name, height in (("reactant", forward), ("product", reverse)):
        if not height > 0:
            raise InputError(f"seen from the {name} the barrier is {height:g} eV high; a saddle lies above both minima")
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    lowest, highest = max(0.0, forward - reverse), forward + _TAIL * kT
    ends = np.linspace(lowest, highest, math.ceil((highest - lowest) / kT) + 1)
    half = 0.5 * (ends[1] - ends[0])
    energies = ends[:-1, None] + half * (nodes + 1)
    chances = _log_transmission(energies, units.HBAR * frequency, forward, reverse)
    integrand = np.exp(chances + (forward - energies) / kT) / kT
    return float(half * np.sum(integrand @ weights))


def _log_transmission(energies: np.ndarray, quantum: float, forward: float, reverse: float) -> np.ndarray:
    r"""Logarithm of $1 - \frac{\cosh(a - b) + \cosh d}{\cosh(a + b) + \cosh d}$; a cosine where d is imaginary."""
    heights = 2 * math.pi * np.array([forward, reverse]) / quantum
    scale = 2 / np.sum(1 / np.sqrt(heights))
    a = scale * np.sqrt(heights[0] * energies / forward)
    b = scale * np.sqrt(heights[0] * (energies / forward - 1) + heights[1])
    # 2 sinh a sinh b is the difference of both numerators; large exponents are taken out of everything.
    above = a + b + np.log(-np.expm1(-2 * a)) + np.log(-np.expm1(-2 * b))
    inner = 4 * heights.prod() - math.pi**2
    if inner < 0:
        return above - np.log(2 * np.cosh(a + b) + 2 * math.cos(math.sqrt(-inner)))
    d = math.sqrt(inner)
    return above - np.logaddexp(np.logaddexp(a + b, -a - b), np.logaddexp(d, -d))
