"""What every ensemble must sample; a new one is tested the moment it is registered."""

import numpy as np
import pytest
from scipy.stats import norm

from mlip_nb.simulate import ensembles

from .averages import deviation, mean_and_error, ratio_and_error, variance_and_error
from .liquid import EPSILON, PRESSURE, TIMESTEP, liquid
from .sampling import DENSITY, HOTTER, PRESSES, REPEAT, SQUEEZED, TEMPERATURE, barostats, canonical, sample, suited
from .validation import kinetic_law, quantiles

pytestmark = pytest.mark.physics

FIVE_ERRORS = 2 * norm.sf(5)
"""p of five standard errors."""
CONSTANT_VOLUME = [name for name in canonical() if name not in barostats()]


def freedom(name: str) -> int:
    """Degrees of freedom: known from the declaration of the integrator, not from the code that counts them."""
    integrator = suited(name).integrator(TIMESTEP)
    return 3 * 4 * REPEAT**3 - (3 if integrator.conserves_momentum or integrator.holds_center else 0)


@pytest.mark.parametrize("name", canonical())
def test_kinetic_energy_follows_its_law(name, report):
    """Γ(n_f/2, kT): the law by Kolmogorov and Smirnov, the mean within five standard errors."""
    found = sample(name)
    p = kinetic_law(found, TEMPERATURE * EPSILON, freedom(name))
    report.ensemble(name, kinetic_law=p)
    assert p > FIVE_ERRORS
    assert abs(deviation(found.kinetic, freedom(name) * TEMPERATURE * EPSILON / 2)) < 5


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
    """Var V/(kT ⟨V⟩) = -∂ ln V/∂P, the fluctuation averaged over both pressures."""
    one, two = sample(name), sample(name, pressure=SQUEEZED)
    (first, first_error), (second, second_error) = (mean_and_error(s.volume) for s in (one, two))
    step = (SQUEEZED - PRESSES) * PRESSURE
    slope, slope_error = np.log(first / second) / step, np.hypot(first_error / first, second_error / second) / step
    spread = [np.divide(variance_and_error(s.volume), TEMPERATURE * EPSILON * s.volume.mean()) for s in (one, two)]
    # The logarithm of V is hardly curved between the two: their mean stands for the middle.
    fluctuation, error = np.mean([s[0] for s in spread]), np.hypot(spread[0][1], spread[1][1]) / 2
    report.ensemble(name, compressibility=100 * (fluctuation / slope - 1))
    assert abs(fluctuation - slope) < 5 * np.hypot(error, slope_error)


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
    """⟨|∇U|²⟩ / ⟨∇²U⟩ = kT within 1 %: forces and curvature alone, no momenta."""
    found = sample(name)
    temperature, error = ratio_and_error(found.squared_force, found.stiffness)
    relative = temperature / (TEMPERATURE * EPSILON) - 1
    report.ensemble(name, configurational=100 * relative)
    assert abs(relative) < 0.01
    assert abs(relative) < 5 * error / (TEMPERATURE * EPSILON) + 0.002


@pytest.mark.parametrize("name", barostats())
def test_inner_pressure_is_that_of_the_barostat(name, report):
    """⟨(2K - Σ r·∇U)/3V⟩ = P: the virial identity at constant pressure."""
    found = deviation(sample(name).pressure, PRESSES * PRESSURE)
    report.ensemble(name, virial=found)
    assert abs(found) < 5


def _share_deviation(part, whole, expected: float) -> float:
    ratio, error = ratio_and_error(part, whole)
    return (ratio - expected) / error
