"""The melting temperature of argon, by coexistence."""

import numpy as np
import pytest

import mlip_nb

DEPTH, SIGMA, CUTOFF = 0.0104, 3.4, 2.6
"""eV, Å, σ."""
TRIPLE, SOLID, LIQUID = 0.694, 0.961, 0.845
"""Of the full Lennard-Jones potential, reduced: the triple point, and both densities on the melting line there; E. A.
Mastny, J. J. de Pablo, J. Chem. Phys. 127, 104758 (2007), doi:10.1063/1.2753149, equations 20 and 21."""


@pytest.mark.physics
def test_melting_temperature_of_argon():
    """What the cutoff takes away acts like a tension, 16π/3 ρ ρ' (r⁻³ - 2/3 r⁻⁹), which a pressure makes up for."""
    tail = 16 * np.pi / 3 * SOLID * LIQUID * (CUTOFF**-3 - 2 / 3 * CUTOFF**-9)
    kelvin = DEPTH / 8.617333262e-5
    melt = mlip_nb.Melt(
        temperature=0.72 * kelvin,
        pressure=tail * DEPTH / SIGMA**3 * 160.2176634,
        repeats=(4, 4, 8),
        timestep=8.0,
        preparation=12_000.0,
        time=120_000.0,
        every=100,
        discard=0.4,
    )
    crystal = mlip_nb.load("Ar", a=(4 / SOLID) ** (1 / 3) * SIGMA)
    potential = mlip_nb.potential("lennard-jones", epsilon=DEPTH, sigma=SIGMA, cutoff=CUTOFF * SIGMA, style="shifted")
    found = melt.run(crystal, potential)
    melting, error = (float(found[name]) / kelvin for name in ("melting_temperature", "melting_temperature_error"))
    assert melting == pytest.approx(TRIPLE, abs=0.03)
    assert error < 0.01
    assert 0.1 < float(found["crystal_share"][..., -1].mean()) < 0.9
