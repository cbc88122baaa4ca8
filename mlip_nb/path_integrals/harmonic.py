"""Harmonic vibrations in closed form, at a finite number of beads: what tells how many are needed."""

import math
from collections.abc import Callable

from .. import units

_STEPS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "primitive": (lambda x: x**2, lambda x: 2 * x),
    "takahashi-imada": (lambda x: x**2 + x**4 / 3, lambda x: 2 * x + 4 * x**3 / 3),
    "suzuki-chin": (
        lambda x: math.expm1(1.5 * math.log1p(4 * x**2 / 3)) / 2,
        lambda x: 2 * x * (1 + 4 * x**2 / 3) ** 0.5,
    ),
}
"""s(x) of an action, and its derivative; exact would be sinh² x."""


def harmonic_energy(frequency: float, kT: float, beads: int | None = None, action: str = "primitive") -> float:
    r"""Mean energy of a vibration, eV, at an angular frequency in internal units; half of it is kinetic.

    $$Z = \frac{1}{2 \sinh(P \operatorname{asinh} \sqrt s)}, \quad E_P = -\frac{\partial \ln Z}{\partial \beta}
    = \frac{\hbar\omega}{4} \frac{s' \coth(P \operatorname{asinh} \sqrt s)}{\sqrt{s (1 + s)}}, \quad
    x = \beta\hbar\omega/2P$$

    with $s = x^2$ for the primitive `action`, $x^2 + x^4/3$ for Takahashi and Imada's, and
    $\tfrac12 (1 + \tfrac43 x^2)^{3/2} - \tfrac12$ for Suzuki and Chin's: the chain of beads has
    $q_{j+1} + q_{j-1} = 2 c_j q_j$, and $1 + 2s$ is the geometric mean of $c_j$. Without `beads` the quantum energy,
    which is the limit of many. With the primitive action all of it is $m\omega^2 \langle q^2 \rangle$.

    ??? cite "Reference"
        K. S. Schweizer, R. M. Stratt, D. Chandler, P. G. Wolynes, *J. Chem. Phys.* **75**, 1347 (1981),
        doi:10.1063/1.442141
    """
    quantum = units.HBAR * frequency
    if beads is None:
        return quantum / 2 / math.tanh(quantum / (2 * kT))
    x = quantum / (2 * beads * kT)
    s, slope = (part(x) for part in _STEPS[action])
    return quantum / 4 * slope / math.tanh(beads * math.asinh(math.sqrt(s))) / math.sqrt(s * (1 + s))


def harmonic_free_energy(frequency: float, kT: float, beads: int | None = None, action: str = "primitive") -> float:
    r"""$-k_BT \ln Z$ of a vibration, eV; see `harmonic_energy`."""
    x = units.HBAR * frequency / (2 * kT * (beads or 1))
    half = x if beads is None else beads * math.asinh(math.sqrt(_STEPS[action][0](x)))
    return kT * (half + math.log1p(-math.exp(-2 * half)))


def expected_error(frequency: float, kT: float, beads: int, action: str = "primitive") -> float:
    """What too few beads do to the energy of a vibration, as a part of it; negative."""
    return harmonic_energy(frequency, kT, beads, action) / harmonic_energy(frequency, kT) - 1
