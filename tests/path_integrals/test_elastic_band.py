"""Elastic bands: Müller and Brown's surface, and ripples that are told."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.path_integrals.elastic_band import Path, arc, find_path, redistributed, tangents
from mlip_nb.path_integrals.path_quality import quality

FIRST, LAST = np.array([-0.558224, 1.441726]), np.array([0.623499, 0.028038])
"""Minima. K. Müller, L. D. Brown, Theor. Chim. Acta 53, 75 (1979), doi:10.1007/BF00547608."""
BARRIER = 106.0347
"""From -146.6995 to -40.6648."""


def energy(place):
    x, y = place
    height, a = jnp.array([-200.0, -100, -170, 15]), jnp.array([-1.0, -1, -6.5, 0.7])
    b, c = jnp.array([0, 0, 11, 0.6]), jnp.array([-10.0, -10, -6.5, 0.7])
    dx, dy = x - jnp.array([1, 0, -0.5, -1]), y - jnp.array([0, 0.5, 1.5, 1])
    return jnp.sum(height * jnp.exp(a * dx**2 + b * dx * dy + c * dy**2))


@pytest.fixture(scope="module")
def surface():
    found = jax.jit(jax.vmap(jax.value_and_grad(energy)))
    return lambda places: tuple(np.asarray(one) for one in found(places))


def straight(images):
    return np.linspace(FIRST, LAST, images)


@pytest.mark.parametrize(("images", "string"), [(9, False), (15, False), (11, True)])
def test_barrier_of_mueller_and_brown(surface, images, string):
    """The climbing image stands on the saddle, whatever the number of images."""
    path = find_path(surface, straight(images), force=0.02, steps=3000, climb=True, string=string)
    assert path.force < 0.02
    assert path.energies.max() - path.energies[0] == pytest.approx(BARRIER, abs=1e-3)
    assert path.energies[0] == pytest.approx(-146.6995, abs=1e-3)
    assert path.energies[-1] == pytest.approx(-108.1667, abs=1e-3)
    assert not quality(path).complaints
    assert quality(path).across < 1e-2


def test_a_string_has_even_images(surface):
    path = find_path(surface, straight(11), force=0.02, steps=3000, climb=False, string=True)
    lengths = np.diff(path.distances)
    assert np.ptp(lengths) < 1e-3 * lengths.mean()


def test_springs_make_images_even(surface):
    path = find_path(surface, straight(11), force=0.02, steps=3000, climb=False)
    lengths = np.diff(path.distances)
    assert np.ptp(lengths) < 1e-2 * lengths.mean()


@pytest.mark.parametrize("images", [9, 15])
def test_a_ripple_and_a_path_on_a_slope_are_told(surface, images):
    """5 % of the barrier, up and down."""
    path = find_path(surface, straight(images), force=0.02, steps=3000, climb=True)
    ripple = 0.05 * BARRIER * (-1.0) ** np.arange(images)
    rough = Path(path.places, path.energies + ripple, path.slopes, path.steps, path.force)
    assert "energies ripple from image to image" in quality(rough).complaints[0]
    guess = Path(straight(images), *surface(straight(images)), 0, 1.0)
    assert "the slope across the path is" in quality(guess).complaints[-1]


def test_a_deeper_valley_on_the_way_is_told(surface):
    """By way of the deepest minimum, image 5, up its other side."""
    line = np.concatenate([np.linspace(LAST, FIRST, 6), np.linspace(FIRST, [0.4, 1.0], 4)[1:]])
    guess = Path(line, *surface(line), 0, 1.0)
    assert "image 5 is" in quality(guess).complaints[-1]


def test_tangents_point_to_the_higher_neighbour():
    places = np.array([[0.0, 0], [1, 0], [1, 1], [2, 1]])
    np.testing.assert_allclose(tangents(places, np.array([0.0, 1, 2, 3])), [[0, 1], [1, 0]])
    np.testing.assert_allclose(tangents(places, np.array([3.0, 2, 1, 0])), [[1, 0], [0, 1]])
    # At a maximum: the larger change weighs the way to the higher neighbour.
    np.testing.assert_allclose(tangents(places[:3], np.array([0.0, 3, 1])), [np.array([2, 3]) / 13**0.5])


def test_redistribution_keeps_the_line():
    places = np.array([[0.0, 0], [0.1, 0], [0.2, 0], [3, 0], [3, 1]])
    spread = redistributed(places)
    np.testing.assert_allclose(arc(spread), np.arange(5.0))
    np.testing.assert_allclose(redistributed(places, 2)[2], places[2])
