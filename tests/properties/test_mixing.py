"""Mixtures against closed forms of the regular solution, and against each other."""

import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties.mixing import Mixture
from mlip_nb.units import BOLTZMANN

OMEGA = 0.12
SHARES = np.linspace(0, 1, 9)


@pytest.fixture
def regular():
    return Mixture.fitted(SHARES, OMEGA * SHARES * (1 - SHARES), terms=1)


def test_regular_solution(regular):
    """ΔE(1/2) = Ω/4, and a critical point at x = 1/2, T = Ω/2k."""
    assert regular.energy(0.5) == pytest.approx(OMEGA / 4)
    share, temperature = regular.critical
    assert share == pytest.approx(0.5)
    assert temperature == pytest.approx(OMEGA / (2 * BOLTZMANN), rel=1e-9)
    assert regular.spinodal(np.array([0.5]))[0] == pytest.approx(temperature, rel=1e-9)


def test_ends_of_the_gap_of_a_regular_solution(regular):
    """ln(x/(1-x)) = -Ω(1-2x)/kT, and no gap above the critical temperature."""
    temperature = 0.8 * regular.critical[1]
    low, high = regular.gap(temperature)
    assert low + high == pytest.approx(1.0, abs=2e-4)
    assert np.log(low / (1 - low)) == pytest.approx(-OMEGA * (1 - 2 * low) / (BOLTZMANN * temperature), rel=2e-3)
    assert regular.gap(1.02 * regular.critical[1]) is None


def test_gap_closes_at_the_critical_point_of_a_lopsided_mixture():
    lopsided = Mixture(np.array([0.10, 0.04, -0.01]))
    share, temperature = lopsided.critical
    low, high = lopsided.gap(0.999 * temperature)
    assert low < share < high
    assert high - low < 0.15
    assert lopsided.gap(1.001 * temperature) is None
    inside = np.linspace(low, high, 9)[1:-1]
    assert (lopsided.spinodal(inside) > 0).all()


def test_terms_are_found_again():
    mixture = Mixture(np.array([0.10, 0.04, -0.01]))
    found = Mixture.fitted(SHARES, mixture.energy(SHARES), terms=3)
    np.testing.assert_allclose(found.coefficients, mixture.coefficients, atol=1e-12)
    with pytest.raises(InputError, match="3 terms need as many compositions between the ends, there are 1"):
        Mixture.fitted(np.array([0, 0.5, 1]), np.zeros(3), terms=3)


@pytest.mark.parametrize("sign", [-1, 1])
def test_what_orders_has_no_gap(sign):
    """Curvature of the other sign: mixtures at every temperature."""
    mixture = Mixture(np.array([sign * OMEGA]))
    assert (mixture.critical[1] > 0) == (sign > 0)
    assert (mixture.gap(100.0) is None) == (sign < 0)
