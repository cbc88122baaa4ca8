"""Extrapolation in the number of beads: exact where the points are, honest where they are not."""

import numpy as np
import pytest
import xarray as xr

from mlip_nb.errors import InputError
from mlip_nb.path_integrals import harmonic_energy
from mlip_nb.properties import bead_convergence, extrapolate, verdict

from ..path_integrals.rings import KT, frequency_of

BEADS = np.array([8, 16, 32])


@pytest.mark.parametrize("order", [2, 4])
def test_exact_points_give_the_exact_limit(order):
    """Whatever their weights."""
    found = extrapolate(BEADS, 3.7 - 50.0 / BEADS**order, np.array([0.01, 0.3, 0.002]), order)
    assert (found.limit, found.slope) == (pytest.approx(3.7, abs=1e-12), pytest.approx(-50.0, rel=1e-9))
    assert found.chi_square == pytest.approx(0, abs=1e-12)
    assert found.probability == pytest.approx(1)


def test_error_of_the_limit_and_chi_square_are_those_of_many_repetitions():
    """Normal noise: the limit scatters as much as it says, and chi² is that of one degree of freedom."""
    rng, errors = np.random.default_rng(0), np.array([0.05, 0.1, 0.2])
    points = 3.7 - 50.0 / BEADS**2 + errors * rng.normal(size=(2000, 3))
    found = [extrapolate(BEADS, row, errors) for row in points]
    limits, squares, chances = (
        np.array([getattr(one, name) for one in found]) for name in ("limit", "chi_square", "probability")
    )
    assert limits.std() == pytest.approx(found[0].error, rel=5 / np.sqrt(2 * 2000))
    assert abs(limits.mean() - 3.7) < 5 * found[0].error / np.sqrt(2000)
    assert squares.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / 2000))
    assert np.mean(chances < 0.1) == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / 2000))


@pytest.mark.parametrize(("action", "order"), [("primitive", 2), ("suzuki-chin", 4)])
def test_limit_of_a_vibration_is_its_quantum_energy(action, order):
    """Closed forms of finite P: the limit is far nearer than the last point, by what an order more is worth."""
    omega = frequency_of(5.0)
    points = np.array([harmonic_energy(omega, KT, int(count), action) for count in 4 * BEADS])
    exact, found = harmonic_energy(omega, KT), extrapolate(4 * BEADS, points, np.full(3, 1e-3), order)
    assert abs(found.limit - exact) < 0.1 * abs(points[-1] - exact)


def test_points_that_are_no_numbers_are_left_out():
    means, errors = np.array([np.nan, 2.0, 2.5]), np.array([np.nan, 0.1, 0.1])
    two = extrapolate(BEADS, means, errors)
    assert two.limit + two.slope / 16**2 == pytest.approx(2.0)
    assert np.isnan(two.chi_square)
    assert np.isnan(extrapolate(BEADS[:2], means[:2], errors[:2]).limit)


def runs_of(means: dict[int, float]) -> dict[int, xr.Dataset]:
    noise = 0.01 * np.random.default_rng(1).normal(size=(400, 2))
    return {
        count: xr.Dataset({"kinetic_energy": ("frame", mean + noise[:, 0]), "total_energy": ("frame", noise[:, 1])})
        for count, mean in means.items()
    }


def test_points_off_the_law_are_told():
    lawful = bead_convergence(runs_of({8: 1.0 - 1 / 64, 16: 1.0 - 1 / 256, 32: 1.0 - 1 / 1024}))
    assert "kinetic energy: the points follow 1/P^2" in verdict(lawful)[0]
    other = bead_convergence(runs_of({8: 1.0, 16: 1.05, 32: 1.0}))
    assert "kinetic energy: the points do not follow 1/P^2" in verdict(other)[0]
    assert "leave out the smallest number of beads" in verdict(other)[0]
    two = bead_convergence(runs_of({8: 1.0, 16: 1.05}))
    assert "2 points cannot tell" in verdict(two)[0]


def test_what_is_no_path_integral_is_refused():
    with pytest.raises(InputError, match="single path-integral runs"):
        bead_convergence({8: xr.Dataset({"kinetic_energy": ("frame", np.ones(50))})})
