"""Calibration finds the scale, the power or the shape that made the errors; its numbers have closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from mlip_nb.errors import InputError
from mlip_nb.uncertainty import CALIBRATIONS, calibrated, reliability

COUNT = 30_000


@pytest.fixture(scope="module")
def draws():
    """Generator of everything here."""
    return np.random.default_rng(7)


def test_the_scale_of_errors_twice_too_large_is_found(draws):
    """z ~ N(0, 2²): the factor of the variance is 4, within 5 of its standard errors, sqrt(2/n) of it."""
    sigma = np.full(COUNT, 0.5)
    errors = draws.normal(size=(COUNT, 1))
    found = calibrated(sigma, errors, "scale")
    assert float(found.alpha) == pytest.approx(4, abs=5 * 4 * np.sqrt(2 / COUNT))
    # |P(|z| < q) - p| with z twice as wide, integrated over p = erf(q/sqrt 2).
    p = np.linspace(0, 1, 200_001)[1:-1]
    expected = np.trapezoid(np.abs(2 * norm.cdf(norm.ppf((1 + p) / 2) / 2) - 1 - p), p)
    assert expected == pytest.approx(0.2048, abs=1e-4)
    assert reliability(sigma, errors).miscalibration_area == pytest.approx(expected, abs=0.01)
    after = reliability(np.asarray(found(sigma)), errors)
    assert after.miscalibration_area < 0.01
    assert after.calibration_error < 0.01
    assert after.variance_ratio == pytest.approx(1)


@pytest.mark.parametrize("components", [1, 3])
def test_what_is_calibrated_looks_so(draws, components):
    sigma = np.exp(draws.normal(size=COUNT))
    errors = sigma[:, None] * draws.normal(size=(COUNT, components))
    found = reliability(sigma, errors)
    # Kolmogorov's statistic exceeds 2/sqrt n with a probability of 7e-4, and the area lies below it.
    assert found.miscalibration_area < 2 / np.sqrt(COUNT)
    assert np.abs(found.observed - np.linspace(0, 1, 101)).max() < 2 / np.sqrt(COUNT)
    # A bin has 1500 labels of `components`; the mean of |normal| is 0.8 standard errors.
    assert found.normalised_error < 2 * np.sqrt(0.5 / (1500 * components))
    assert found.sharpness == pytest.approx(np.exp(0.5), rel=5 * np.sqrt((np.e - 1) / COUNT))
    entropy = 0.5 * np.log(2 * np.pi * np.e) + np.log(sigma).mean()
    assert found.negative_log_likelihood == pytest.approx(entropy, abs=5 * np.sqrt(0.5 / COUNT))


def test_radii_of_balls_of_forces_are_those_of_the_chi_square_law():
    """2.500, 2.795 and 3.368 standard deviations hold 90, 95 and 99 % of normal vectors."""
    for radius, share in ((2.500, 0.90), (2.795, 0.95), (3.368, 0.99)):
        inside, outside = (np.array([[radius * factor, 0, 0]]) for factor in (0.999, 1.001))
        level = round(100 * share)
        assert reliability(np.ones(1), inside).observed[level] == 1
        assert reliability(np.ones(1), outside).observed[level] == 0


def test_the_power_law_is_recovered(draws):
    raw = np.exp(draws.normal(size=COUNT))
    errors = (0.3 * raw**1.7)[:, None] * draws.normal(size=(COUNT, 3))
    found = calibrated(raw, errors, "power")
    # The information on both is 6n, for logarithms of unit variance.
    assert float(found.exponent) == pytest.approx(1.7, abs=5 / np.sqrt(6 * COUNT))
    assert float(found.factor) == pytest.approx(0.3, rel=5 / np.sqrt(6 * COUNT))


def test_the_power_law_is_the_likeliest(draws):
    raw = np.exp(draws.normal(size=500))
    errors = raw[:, None] ** 0.5 * draws.normal(size=(500, 1))
    found = calibrated(raw, errors, "power")

    def loss(factor, exponent):
        return reliability(factor * raw**exponent, errors).negative_log_likelihood

    best = loss(float(found.factor), float(found.exponent))
    for step in (1e-3, -1e-3):
        assert loss(float(found.factor) * (1 + step), float(found.exponent)) > best
        assert loss(float(found.factor), float(found.exponent) + step) > best


def test_isotonic_calibration_follows_any_shape_that_does_not_fall(draws):
    raw = draws.uniform(size=COUNT)
    true = np.where(raw < 0.5, 1.0, 1 + 8 * (raw - 0.5))
    found = calibrated(raw, true[:, None] * draws.normal(size=(COUNT, 3)), "isotonic")
    grid = np.linspace(0.05, 0.95, 50)
    expected = np.where(grid < 0.5, 1.0, 1 + 8 * (grid - 0.5))
    np.testing.assert_allclose(found(jnp.asarray(grid)), expected, rtol=0.12)
    assert np.all(np.diff(np.asarray(found(jnp.linspace(0, 2, 200)))) >= 0)
    # Beyond what was seen it grows in proportion.
    end = float(found.knots[-1])
    assert float(found(jnp.asarray(2 * end))) == pytest.approx(2 * float(found(jnp.asarray(end))))


@pytest.mark.parametrize("kind", CALIBRATIONS)
def test_every_calibration_can_be_differentiated_and_knows_nothing_of_units(draws, kind):
    raw = np.exp(draws.normal(size=400))
    errors = raw[:, None] * draws.normal(size=(400, 3))
    one, other = calibrated(raw, errors, kind), calibrated(1000 * raw, errors, kind)
    at = jnp.asarray(1.003 * raw[:50])  # not at a knot
    np.testing.assert_allclose(one(at), other(1000 * at), rtol=1e-3 if kind == "power" else 1e-9)
    slope = jax.grad(lambda x: one(x).sum())(at)
    between = (one(at * (1 + 1e-6)) - one(at * (1 - 1e-6))) / (2e-6 * at)
    np.testing.assert_allclose(slope, between, rtol=1e-4, atol=1e-6)
    assert np.isfinite(jax.grad(lambda x: one(x))(jnp.asarray(0.0)))


def test_what_cannot_be_calibrated_is_refused(draws):
    sigma, errors = np.ones(50), draws.normal(size=(50, 3))
    with pytest.raises(InputError, match="members of a committee are the same"):
        calibrated(np.zeros(50), errors)
    with pytest.raises(InputError, match="3 labels are too few"):
        calibrated(sigma[:3], errors[:3])
    with pytest.raises(InputError, match="Did you mean 'scale'"):
        calibrated(sigma, errors, "scales")
    with pytest.raises(InputError, match="label 7 is not finite"):
        calibrated(np.where(np.arange(50) == 7, np.nan, 1.0), errors)
