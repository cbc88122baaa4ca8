"""Harmonic vibrations in closed form, at a finite number of beads: what tells how many are needed."""

import math

from .. import units


def harmonic_energy(frequency: float, kT: float, beads: int | None = None) -> float:
    r"""Mean energy of a vibration, eV, at an angular frequency in internal units; half of it is kinetic.

    $$E_P = \frac{\hbar\omega}{2} \frac{\coth(P \operatorname{asinh} x)}{\sqrt{1 + x^2}}, \quad
    x = \beta\hbar\omega/2P$$

    Without `beads` the quantum one, which is the limit of many. All of it is $m\omega^2 \langle q^2 \rangle$.

    ??? cite "Reference"
        K. S. Schweizer, R. M. Stratt, D. Chandler, P. G. Wolynes, *J. Chem. Phys.* **75**, 1347 (1981),
        doi:10.1063/1.442141
    """
    quantum = units.HBAR * frequency
    if beads is None:
        return quantum / 2 / math.tanh(quantum / (2 * kT))
    x = quantum / (2 * beads * kT)
    return quantum / 2 / math.tanh(beads * math.asinh(x)) / math.sqrt(1 + x**2)


def expected_error(frequency: float, kT: float, beads: int) -> float:
    """What too few beads do to the energy of a vibration, as a part of it; negative."""
    return harmonic_energy(frequency, kT, beads) / harmonic_energy(frequency, kT) - 1
