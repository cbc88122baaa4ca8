"""Climbing to saddle points by forces alone, on Müller and Brown's surface and where the answer is known."""

import jax
import numpy as np
import pytest

from mlip_nb.path_integrals.saddle_search import climb, softest

from .test_elastic_band import FIRST, LAST, energy

SADDLES = (-40.6648, -72.2489)
"""Energies. K. Müller, L. D. Brown, Theor. Chim. Acta 53, 75 (1979), doi:10.1007/BF00547608."""


@pytest.fixture(scope="module")
def surface():
    found = jax.jit(jax.vmap(jax.value_and_grad(energy)))
    return lambda places: tuple(np.asarray(one) for one in found(places))


def none(place):
    return np.zeros((len(place), 0))


@pytest.mark.parametrize(
    ("start", "nudge", "expected"), [(FIRST, [0.02, 0.01], SADDLES[0]), (LAST, [-0.02, 0.01], SADDLES[1])]
)
def test_saddles_of_mueller_and_brown_are_found_from_their_minima(surface, start, nudge, expected):
    """A little on the side of the valley that leads there."""
    found = climb(surface, start + np.array(nudge), none, force=1e-3, steps=500)
    assert surface(found.place[None])[0][0] == pytest.approx(expected, abs=1e-3)
    hessian = np.asarray(jax.hessian(energy)(found.place))
    curvatures, modes = np.linalg.eigh(hessian)
    assert [found.curvature, found.second] == pytest.approx(curvatures, rel=1e-2)
    assert abs(found.mode @ modes[:, 0]) == pytest.approx(1, abs=1e-4)


def test_the_softest_direction_is_the_lowest_eigenvector():
    """Of a quadratic form, across directions that do not count, and from a guess that says nothing."""
    random = np.random.default_rng(1)
    frame = np.linalg.qr(random.normal(size=(12, 12)))[0]
    values = np.array([-3.0, -0.5, *np.linspace(1, 20, 10)])
    hessian = frame * values @ frame.T

    def surface(places):
        return 0.5 * np.einsum("ij,jk,ik->i", places, hessian, places), places @ hessian

    start, guess = random.normal(size=12), random.normal(size=12)
    curvature, mode, highest = softest(surface, start, guess, none(start), 12)
    assert [curvature, highest] == pytest.approx([-3, 20])
    assert abs(mode @ frame[:, 0]) == pytest.approx(1)
    curvature, mode, _ = softest(surface, start, guess, frame[:, :1], 12)
    assert curvature == pytest.approx(-0.5)
    assert abs(mode @ frame[:, 1]) == pytest.approx(1)
