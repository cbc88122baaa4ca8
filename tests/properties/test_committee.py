"""Errors of averages that come from the potential: a family of springs, whose averages are known."""

import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties.committee import committee_shares, propagated, split_variance
from mlip_nb.properties.free_energy import Estimate

MEAN, SPREAD, FRAMES, MEMBERS = 2.0, 0.1, 40_000, 40


@pytest.fixture(scope="module")
def springs():
    """Stiffness of members, squares of displacements in the mean spring (kT = 1), and works."""
    draws = np.random.default_rng(0)
    stiffness = draws.normal(MEAN, SPREAD, size=MEMBERS)
    squares = draws.normal(size=FRAMES) ** 2 / MEAN
    return stiffness, squares, 0.5 * (stiffness - MEAN)[:, None] * squares


@pytest.mark.parametrize("route", ["cumulant", "exponential"])
def test_the_spread_of_the_squared_displacement_is_that_of_the_closed_form(springs, route):
    r"""$\langle x^2 \rangle = kT/k$ within 10 %: the average of each member, and how far they are apart."""
    stiffness, squares, works = springs
    found = propagated(np.broadcast_to(squares, works.shape), works, route)
    assert found.model == pytest.approx(np.std(1 / stiffness, ddof=1), rel=0.1)
    assert found.value == pytest.approx(np.mean(1 / stiffness), abs=5 * found.statistical + 2 * SPREAD**2 / MEAN**3)
    exact = 1 / stiffness if route == "exponential" else 1 / MEAN - (stiffness - MEAN) / MEAN**2
    np.testing.assert_allclose(found.members, exact, atol=5 * found.statistical)
    assert found.total == pytest.approx(np.hypot(found.model, found.statistical))
    assert (committee_shares(works) > 0.9).all()


def test_an_observable_of_the_members_themselves_knows_its_equipartition(springs):
    """Whatever the stiffness, the potential energy is kT/2: there is no model error, though energies differ."""
    stiffness, squares, works = springs
    found = propagated(0.5 * stiffness[:, None] * squares, works, "exponential")
    assert found.value == pytest.approx(0.5, abs=5 * found.statistical)
    assert found.model < 0.1 * SPREAD / MEAN * 0.5


def test_few_samples_are_not_taken_for_a_bad_potential():
    """Members that are the same, each with frames of its own: what scatters is statistical, the mean knows it."""
    draws = np.random.default_rng(1)
    parts = []
    for _ in range(200):
        series = draws.normal(size=(5, 100))
        found = split_variance([Estimate(float(one.mean()), {k: one - one.mean()}) for k, one in enumerate(series)])
        parts.append((found.model**2, found.statistical**2, found.value**2))
    model, statistical, square = np.mean(parts, axis=0)
    # The variance of a member's mean is 0.01. What is below zero counts as zero, which leaves some of it.
    assert model < 0.35 * 0.01
    assert statistical == pytest.approx(0.01 / 5, rel=0.2)
    assert square == pytest.approx(0.01 / 5, rel=5 * np.sqrt(2 / 200))


def test_a_single_potential_says_nothing():
    with pytest.raises(InputError, match="take a committee"):
        propagated(np.zeros((1, 4)), np.zeros((1, 4)))
