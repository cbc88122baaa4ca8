"""The Lennard-Jones fluid against the equation of state fitted to other people's simulations of it."""

import numpy as np
import pytest
import teqp
from scipy.optimize import brentq

from mlip_nb.simulate import NVTLangevin

from .averages import mean_and_error
from .liquid import EPSILON, PRESSURE, SIGMA, TAU, TIMESTEP, frames_of, inner_pressure, lennard_jones, liquid
from .sampling import suited

pytestmark = pytest.mark.physics

REACH, REPEAT, SEED = 3.5, 5, 5
"""Cutoff in diameters; 500 atoms."""
THOL = teqp.build_LJ126_TholJPCRD2016()
"""M. Thol et al., J. Phys. Chem. Ref. Data 45, 023101 (2016), doi:10.1063/1.4945000, in reduced units."""
_PURE = np.array([1.0])
ENERGY_ACCURACY, DENSITY_ACCURACY = 0.005, 0.003
"""Relative differences that neither the equation nor a tail with g(r) = 1 excludes; densities at the same pressure."""


@pytest.mark.parametrize(("temperature", "density"), [(0.9, 0.8), (1.5, 0.6), (2.0, 0.3)], ids=str)
def test_fluid_has_energy_and_pressure_of_the_equation_of_state(temperature, density, report):
    """Constant temperature; truncated, with the standard corrections for the tail."""
    controls = {"temperature": temperature * EPSILON, "friction": 1 / TAU}
    pieces = _frames(temperature, density, NVTLangevin().integrator(TIMESTEP), controls)
    energies, pressures = zip(*((frames.potential_energy, inner_pressure(frames)) for frames in pieces), strict=True)
    energy, energy_error = _late(energies, EPSILON * 4 * REPEAT**3)
    pressure, pressure_error = _late(pressures, PRESSURE)
    energy, pressure = energy + energy_tail(density), pressure + pressure_tail(density)
    found, error = density_at(temperature, pressure, density), pressure_error / stiffness(temperature, density)
    report.law(
        f"LJ at T = {temperature}, ρ = {density}: u, P",
        f"{energy:.4f} ± {energy_error:.4f}, {pressure:.3f} ± {pressure_error:.3f}",
        f"Thol 2016: {energy_of(temperature, density):.4f}, {pressure_of(temperature, density):.3f}",
    )
    expected = energy_of(temperature, density)
    assert abs(energy - expected) < 5 * energy_error + ENERGY_ACCURACY * abs(expected)
    assert abs(found - density) < 5 * error + DENSITY_ACCURACY * density


def test_fluid_has_the_density_of_the_equation_of_state(report):
    """Constant pressure, from a start that is too dense; the target is less by what the tail would add."""
    temperature, density = 1.5, 0.6
    pressure = pressure_of(temperature, density) - pressure_tail(density)
    controls = {"temperature": temperature * EPSILON, "pressure": pressure * PRESSURE}
    ensemble = suited("npt-crescale")
    pieces = _frames(temperature, 1.03 * density, ensemble.integrator(TIMESTEP), ensemble.controls() | controls)
    found, error = _late([4 * REPEAT**3 * SIGMA**3 / np.abs(np.linalg.det(frames.cell)) for frames in pieces], 1.0)
    law = f"LJ at T = {temperature}, P = {pressure:.3f} + tail: ρ"
    report.law(law, f"{found:.4f} ± {error:.4f}", f"Thol 2016: {density}")
    assert abs(found - density) < 5 * error + DENSITY_ACCURACY * density


def energy_tail(density: float) -> float:
    """Energy per atom beyond the cutoff where g(r) = 1."""
    return 8 / 3 * np.pi * density * (REACH**-9 / 3 - REACH**-3)


def pressure_tail(density: float) -> float:
    """Pressure beyond the cutoff where g(r) = 1."""
    return 16 / 3 * np.pi * density**2 * (2 / 3 * REACH**-9 - REACH**-3)


def energy_of(temperature: float, density: float) -> float:
    return temperature * THOL.get_Ar10(temperature, density, _PURE)


def pressure_of(temperature: float, density: float) -> float:
    return density * temperature * (1 + THOL.get_Ar01(temperature, density, _PURE))


def stiffness(temperature: float, density: float) -> float:
    """∂P/∂ρ."""
    step = 1e-4
    return (pressure_of(temperature, density + step) - pressure_of(temperature, density - step)) / (2 * step)


def density_at(temperature: float, pressure: float, near: float) -> float:
    """The density at which the equation has this pressure."""
    return brentq(lambda density: pressure_of(temperature, density) - pressure, 0.9 * near, 1.1 * near)


def _frames(temperature: float, density: float, integrator, controls):
    return frames_of(
        liquid(density, REPEAT, temperature),
        lennard_jones("truncated", REACH),
        integrator,
        controls,
        steps=12_000,
        every=20,
        seed=SEED,
        skin=0.25 * SIGMA,
    )


def _late(pieces, unit: float) -> tuple[float, float]:
    """Mean and error of all but the first sixth, in reduced units."""
    series = np.concatenate(pieces) / unit
    return mean_and_error(series[len(series) // 6 :])
