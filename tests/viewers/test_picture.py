"""The picture of a structure in a file, and the colours of the elements."""

import io
import itertools

import matplotlib.image
import numpy as np
import pytest

import mlip_nb
from mlip_nb.system import to_ase
from mlip_nb.viewers import picture
from mlip_nb.viewers._elements import COLOURS, colour, radius
from mlip_nb.viewers._frames import Frame, Scale, frame_of
from mlip_nb.viewers.picture import png

DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
"""G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), severity 1."""
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def drawn(atoms, **changes):
    """The picture as an array, rows from above."""
    frame = frame_of(atoms.positions, atoms.cell.array, atoms.pbc)
    data = png(atoms.numbers, atoms.pbc, Frame(frame.positions, frame.cell, **changes))
    return matplotlib.image.imread(io.BytesIO(data))[..., :3]


def has(image, colour_, tolerance):
    return (np.abs(image - np.array(colour_)).max(axis=-1) < tolerance).sum()


def test_atoms_have_the_colours_of_their_elements():
    image = drawn(to_ase(mlip_nb.load("H2O")))
    red = np.array([int(COLOURS["O"][at : at + 2], 16) for at in (1, 3, 5)]) / 255
    assert has(image, 0.88 * red, 0.05) > 500


def test_values_give_the_colours_of_the_scale():
    atoms = to_ase(mlip_nb.load("Cu", repeat=1))
    scale = Scale("force", "eV/Å", 0.0, 1.0)
    low, high = (
        drawn(atoms, values=np.full(len(atoms), value), scale=scale, by="forces").reshape(-1, 3) for value in (0.0, 1.0)
    )
    yellow, purple = ([0.87, 0.8, 0.13], [0.24, 0.0, 0.29])
    assert has(high, yellow, 0.08) > 500
    assert has(low, purple, 0.08) > 500
    assert not has(low, yellow, 0.08)


def test_many_atoms_are_dots_where_the_atoms_are():
    """Half of the cell is empty, and so is its part of the picture."""
    count, pbc = picture._MOST_BALLS + 1, np.ones(3, bool)
    positions = np.random.default_rng(0).uniform(0, 60, (count, 3)) * [0.5, 1, 1]
    frame = frame_of(positions, np.diag([60.0, 60.0, 60.0]), pbc)
    pixels = matplotlib.image.imread(io.BytesIO(png(np.full(count, 29), pbc, frame)))[..., :3]
    coloured = np.ptp(pixels, axis=2) > 0.1
    left, right = np.array_split(coloured, 2, axis=1)
    assert left.mean() > 0.3
    assert right.mean() < 0.1


def test_too_many_atoms_leave_no_picture():
    positions = np.zeros((picture.MOST + 1, 3))
    pbc = np.zeros(3, bool)
    assert png(np.ones(len(positions), int), pbc, frame_of(positions, np.zeros((3, 3)), pbc)) is None


def lab(rgb):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return _lab_of(linear), _lab_of(np.clip(DEUTERANOPIA @ linear, 0, 1))


def _lab_of(linear):
    x, y, z = (np.cbrt(value) for value in TO_XYZ @ linear / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


COMMON = ["H", "C", "N", "O", "F", "Na", "Si", "P", "S", "Cl"]


@pytest.mark.parametrize("pair", list(itertools.combinations(COMMON, 2)), ids="-".join)
def test_common_elements_are_told_apart_with_and_without_green(pair):
    first, second = (np.array([int(COLOURS[one][at : at + 2], 16) for at in (1, 3, 5)]) / 255 for one in pair)
    for here, there in zip(lab(first), lab(second), strict=True):
        assert np.linalg.norm(here - there) > 10


def test_every_element_has_a_colour_and_a_radius():
    for number in range(119):
        assert len(bytes.fromhex(colour(number)[1:])) == 3
        assert 0.2 < radius(number) < 3
