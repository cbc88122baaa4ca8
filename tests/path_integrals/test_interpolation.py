"""Guesses of paths by distances of atoms instead of their positions."""

import numpy as np
import pytest

from mlip_nb.path_integrals.interpolation import PairDistances, spread


def free(vectors):
    return vectors


def test_a_molecule_turns_without_a_change_of_its_bond():
    """A straight line halves it; turned by equal angles, it is as long as ever, and so is every distance."""
    bond, turn = 1.2, np.radians(120)
    ends = [bond / 2 * np.array([[np.cos(a), np.sin(a), 0], [-np.cos(a), -np.sin(a), 0]]) for a in (0, turn)]
    line = np.linspace(*[end.ravel() for end in ends], 7)

    def lengths(places):
        return np.linalg.norm(np.diff(places.reshape(-1, 2, 3), axis=1)[:, 0], axis=1)

    assert lengths(line).min() == pytest.approx(bond / 2)
    found = spread(line, lambda places: places.reshape(-1, 2, 3), np.ones(2, bool), free)
    np.testing.assert_allclose(lengths(found), bond, atol=0.01)
    angles = np.unwrap(np.arctan2(found[:, 1], found[:, 0]))
    np.testing.assert_allclose(np.diff(angles), turn / 6, rtol=0.03)
    np.testing.assert_array_equal(found[[0, -1]], line[[0, -1]])


def test_slopes_are_those_of_the_sum():
    """Of all images, periodic images of pairs kept; none where every distance is the wanted one."""
    random = np.random.default_rng(0)
    line = np.linspace(*random.uniform(0, 4, (2, 5, 3)), 4)
    mobile = np.array([True, True, False, False, True])
    line[:, ~mobile] = line[0, ~mobile]
    distances = PairDistances(line, mobile, lambda vectors: vectors - 4 * np.round(vectors / 4))
    values, slopes = distances.measure(line)
    np.testing.assert_allclose(values[[0, -1]], 0, atol=1e-20)
    np.testing.assert_allclose(slopes[[0, -1]], 0, atol=1e-12)
    for atom, axis in ((0, 0), (1, 2), (4, 1)):
        moved = [line.copy(), line.copy()]
        moved[0][:, atom, axis] += 1e-5
        moved[1][:, atom, axis] -= 1e-5
        up, down = (distances.measure(one)[0] for one in moved)
        np.testing.assert_allclose(slopes[:, atom, axis], (up - down) / 2e-5, atol=1e-7)
