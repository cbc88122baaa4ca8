"""Searches on functions whose minima are known."""

import numpy as np
import pytest

from mlip_nb.design import optimizers
from mlip_nb.design.optimizers import Told

A = np.diag([1.0, 10.0, 100.0, 0.3])
MINIMUM = np.array([0.5, -0.2, 0.1, 0.4])


def told(at):
    """A bowl as a sum of squares."""
    roots = np.sqrt(A)
    residuals = roots @ (at - MINIMUM)
    return Told(float(residuals @ residuals), 2 * roots.T @ residuals, residuals, roots)


def searched(name, steps, reach=10.0, shares=np.ones_like, **options):
    search = optimizers[name](**options).search(np.zeros(4), reach, 0, shares)
    best = np.inf
    for _ in range(steps):
        found = [told(at) for at in search.ask()]
        search.tell(found)
        best = min(best, *(one.value for one in found))
    return search, best


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [
        ("l-bfgs", 30, 1e-12),
        ("gauss-newton", 8, 1e-20),
        ("adam", 600, 1e-6),
        ("exponentiated", 600, 1e-4),
        ("finite-differences", 40, 1e-9),
        ("cma", 120, 1e-9),
    ],
)
def test_every_search_finds_the_bottom_of_a_bowl(name, steps, expected):
    assert searched(name, steps)[1] < expected


@pytest.mark.parametrize("name", [*optimizers])
def test_what_a_search_has_learned_is_all_it_needs_to_go_on(name):
    """To the last bit, whenever it is taken down."""
    search, _ = searched(name, 7)
    other = optimizers[name]().search(np.zeros(4), 10.0, 0, np.ones_like)
    other.restore(search.state)
    for _ in range(6):
        asked = search.ask()
        np.testing.assert_array_equal(asked, other.ask())
        for one in (search, other):
            one.tell([told(at) for at in asked])
    assert search.over == other.over


def test_bounds_are_kept_and_pressed_against():
    search, _ = searched("l-bfgs", 40, reach=0.3)
    np.testing.assert_allclose(search.at, np.clip(MINIMUM, -0.3, 0.3), atol=1e-6)


def test_a_start_without_slopes_stays_and_is_over():
    """The other starts go on."""
    search = optimizers["gauss-newton"]().search(np.zeros(4), 10.0, 0, np.ones_like)
    for _ in range(2):
        (at,) = search.ask()
        search.tell([Told(told(at).value, np.full(4, np.nan), told(at).residuals, np.full((4, 4), np.nan))])
        np.testing.assert_array_equal(at, np.zeros(4))
    assert search.over


def test_a_search_forgets_what_does_not_hold_any_more():
    search, _ = searched("l-bfgs", 10)
    search.forget()
    assert not search.over
    (again,) = search.ask()
    np.testing.assert_array_equal(again, search.at)
