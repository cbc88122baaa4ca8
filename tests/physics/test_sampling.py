"""What every ensemble must sample; a new one is tested the moment it is registered."""

import numpy as np
import pytest
from scipy.stats import norm

from mlip_nb.simulate import ensembles

from .averages import deviation, mean_and_error, ratio_and_error, variance_and_error
from .liquid import EPSILON, PRESSURE, TIMESTEP, crystal, frames_of, lennard_jones, liquid
from .sampling import (
    APART,
    DENSITY,
    HOTTER,
    PRESSES,
    REPEAT,
    SQUEEZED,
    TEMPERATURE,
    Sample,
    barostats,
    canonical,
    controls_at,
    sample,
    suited,
    volumes,
)
from .validation import kinetic_law, quantiles

pytestmark = pytest.mark.physics

FIVE_ERRORS = 2 * norm.sf(5)
"""p of five standard errors."""
COLD, REFERENCE = 0.4, "nvt-langevin"
CONSTANT_VOLUME = [name for name in canonical() if name not in barostats()]


def freedom(name: str) -> int:
    """Degrees of freedom: known from the declaration of the integrator, not from the code that counts them."""
    integrator = suited(name).integrator(TIMESTEP)
    return 3 * 4 * REPEAT**3 - (3 if integrator.conserves_momentum or integrator.holds_center else 0)


@pytest.mark.parametrize("name", canonical())
def test_kinetic_energy_follows_its_law(name, report):
    """Γ(n_f/2, kT): the law by Kolmogorov and Smirnov; the mean over two temperatures, where three miscounted show."""
    p = kinetic_law(sample(name), TEMPERATURE * EPSILON, freedom(name))
    off = [
        deviation(sample(name, temperature).kinetic, freedom(name) * temperature * EPSILON / 2)
        for temperature in (TEMPERATURE, HOTTER)
    ]
    report.ensemble(name, kinetic_law=p)
    assert p > FIVE_ERRORS
    assert abs(sum(off)) / np.sqrt(len(off)) < 5


@pytest.mark.parametrize("name", CONSTANT_VOLUME)
def test_two_temperatures_have_the_ratio_of_boltzmann(name, report):
    kT = TEMPERATURE * EPSILON, HOTTER * EPSILON
    found = quantiles(sample(name), sample(name, HOTTER), (kT[0], None), (kT[1], None))
    report.ensemble(name, temperatures=found)
    assert found < 5


@pytest.mark.parametrize("name", [name for name in canonical() if name in barostats()])
def test_two_temperatures_at_constant_pressure_have_the_ratio_of_boltzmann(name, report):
    kT, pressure = (TEMPERATURE * EPSILON, HOTTER * EPSILON), PRESSES * PRESSURE
    found = quantiles(sample(name), sample(name, HOTTER), (kT[0], pressure), (kT[1], pressure))
    report.ensemble(name, temperatures=found)
    assert found < 5


@pytest.mark.parametrize("name", [name for name in canonical() if name in barostats()])
def test_two_pressures_have_the_ratio_of_boltzmann(name, report):
    kT, pressures = TEMPERATURE * EPSILON, (PRESSES * PRESSURE, SQUEEZED * PRESSURE)
    found = quantiles(sample(name), sample(name, pressure=SQUEEZED), (kT, pressures[0]), (kT, pressures[1]))
    report.ensemble(name, pressures=found)
    assert found < 5


@pytest.mark.parametrize("name", [name for name in canonical() if name in barostats()])
def test_compressibility_by_fluctuation_is_that_of_two_pressures(name, report):
    """Var V/(kT ⟨V⟩) = -∂ ln V/∂P within a twentieth, both sides from the same two trajectories."""
    low, high = (volumes(name, pressure) for pressure in APART)
    slope, slope_error = _compressibility_between(low, high)
    fluctuation, error = _fluctuation_between(*(_compressibility_at(found) for found in (low, high)))
    ratio, uncertainty = fluctuation / slope, np.hypot(error / fluctuation, slope_error / slope)
    report.ensemble(name, compressibility=100 * (ratio - 1), compressibility_error=100 * uncertainty)
    assert uncertainty < 0.025
    assert abs(ratio - 1) < 0.05


@pytest.mark.parametrize("name", list(ensembles))
def test_kinetic_energy_is_shared_by_axes_and_masses(name, report):
    """A third for each axis; for each atom as much, less its part of the centre of mass where that is at rest."""
    found = sample(name)
    axes = [_share_deviation(found.thermal[:, axis], found.thermal.sum(axis=1), 1 / 3) for axis in range(3)]
    masses = np.asarray(liquid(DENSITY, REPEAT, TEMPERATURE).masses)
    parts = 1 - masses / masses.sum() * (freedom(name) < 3 * len(masses))
    light = parts[masses == masses.min()].sum() / parts.sum()
    worst = max(axes + [_share_deviation(found.light, found.total, light)], key=abs)
    report.ensemble(name, equipartition=abs(worst))
    assert abs(worst) < 5


@pytest.mark.parametrize("name", canonical())
def test_configurational_temperature_is_that_of_the_bath(name, report):
    """⟨|∇U|²⟩ / ⟨∇²U⟩ = kT at two temperatures: forces and curvature alone, no momenta."""
    ratios = [_configurational(sample(name, temperature), temperature) for temperature in (TEMPERATURE, HOTTER)]
    found, error = np.mean([ratio for ratio, _ in ratios]), np.hypot(ratios[0][1], ratios[1][1]) / 2
    report.ensemble(name, configurational=100 * (found - 1))
    assert error < 0.005
    assert abs(found - 1) < 5 * error


@pytest.mark.parametrize("name", [name for name in CONSTANT_VOLUME if name != REFERENCE])
def test_every_thermostat_has_the_same_liquid(name):
    """Mean energy and virial pressure against those of Langevin dynamics."""
    for temperature in (TEMPERATURE, HOTTER):
        one, other = sample(name, temperature), sample(REFERENCE, temperature)
        for pick in (lambda s: s.potential, lambda s: s.pressure - 2 * s.kinetic / (3 * s.volume)):
            (mean, error), (expected, other_error) = mean_and_error(pick(one)), mean_and_error(pick(other))
            assert abs(mean - expected) < 5 * np.hypot(error, other_error)


@pytest.mark.parametrize("name", [name for name in ensembles if name not in barostats()])
def test_virial_identity_holds_in_a_crystal(name, report):
    """⟨Σ u·∇U⟩ = (3N - 3) kT with u from lattice sites; without a bath, twice the kinetic energy."""
    system = crystal(1.0, REPEAT, 2 * COLD)
    pieces = frames_of(
        system,
        lennard_jones(),
        suited(name).integrator(TIMESTEP),
        controls_at(name, COLD, 0.0),
        steps=24_000,
        every=20,
        seed=4,
    )
    sites = np.asarray(system.positions)
    virial, doubled = np.concatenate([_virial_and_kinetic(frames, sites) for frames in pieces])[200:].T
    expected = (3 * len(sites) - 3) * COLD * EPSILON if name in canonical() else doubled
    found = deviation(virial - expected, 0.0)
    report.ensemble(name, virial=found)
    assert abs(found) < 5


@pytest.mark.parametrize("name", barostats())
def test_inner_pressure_is_that_of_the_barostat(name, report):
    """⟨(2K - Σ r·∇U)/3V⟩ = P: the virial identity at constant pressure."""
    found = deviation(sample(name).pressure, PRESSES * PRESSURE)
    report.ensemble(name, virial=found)
    assert abs(found) < 5


def _compressibility_between(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """-Δ ln V/ΔP of two pressures, per eV/Å³, and its error."""
    step = (APART[1] - APART[0]) * PRESSURE
    (first, first_error), (second, second_error) = mean_and_error(low), mean_and_error(high)
    return np.log(first / second) / step, np.hypot(first_error / first, second_error / second) / step


def _compressibility_at(found: np.ndarray) -> tuple[float, float]:
    """Var V/(kT ⟨V⟩), per eV/Å³, and its error: that of the mean volume is nothing beside that of the variance."""
    return tuple(np.divide(variance_and_error(found), TEMPERATURE * EPSILON * found.mean()))


def _fluctuation_between(low: tuple[float, float], high: tuple[float, float]) -> tuple[float, float]:
    """What -Δ ln V/ΔP must be when the bulk modulus 1/κ grows linearly from one pressure to the other; and its error.

    From compressibilities a and b, ∫κ dP/ΔP = ab ln(a/b)/(a - b). Thol's equation of state bears that out to half a
    per cent between these pressures, where the mean of a and b is 4 to 8 % too large.
    """
    (a, a_error), (b, b_error) = low, high
    mean = a * b * np.log(a / b) / (a - b)
    return mean, mean * np.hypot(a_error / a, b_error / b) / 2


def _virial_and_kinetic(frames, sites: np.ndarray) -> np.ndarray:
    """Σ u·∇U, and twice the kinetic energy: two columns."""
    virial = -np.sum((frames.positions - sites) * frames.forces, axis=(1, 2))
    return np.stack([virial, np.trace(frames.flow, axis1=1, axis2=2)], axis=1)


def _configurational(found: Sample, temperature: float) -> tuple[float, float]:
    """Configurational temperature over the target, and its error."""
    ratio, error = ratio_and_error(found.squared_force, found.stiffness)
    return ratio / (temperature * EPSILON), error / (temperature * EPSILON)


def _share_deviation(part, whole, expected: float) -> float:
    ratio, error = ratio_and_error(part, whole)
    return (ratio - expected) / error
