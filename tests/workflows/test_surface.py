"""Surfaces of silicon by the bonds that are cut, and what is no surface."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.statics.slabs import area, slab

EPSILON, JOULE = 2.1683, 16.02176634
"""Depth of the well of silicon, eV, and J/m² in eV/Å²."""


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.load("Si")


@pytest.mark.parametrize(
    ("miller", "bonds"), [((1, 1, 1), 4 / np.sqrt(3)), pytest.param((1, 0, 0), 4, marks=pytest.mark.physics)]
)
def test_cut_bonds_of_silicon(silicon, miller, bonds):
    """One bond for each atom of a (111) plane, two of (100): half of each for a face; angles are as in the crystal."""
    at_once = mlip_nb.Relax(moving="positions", steps=1, check=False)
    surface = mlip_nb.Surface(miller=miller, layers=(2,), relaxation=at_once)
    data = surface.run(silicon, mlip_nb.potential("stillinger-weber"))
    expected = bonds / 5.43095**2 * EPSILON / 2 * JOULE
    assert float(data["unrelaxed_surface_energy"][0]) == pytest.approx(expected, rel=1e-4)


def test_indices_that_have_a_factor_in_common_name_the_same_plane(silicon):
    one, other = (slab(silicon, miller, 2, 10.0) for miller in ((1, 1, 1), (-2, -2, -2)))
    assert len(other.numbers) == len(one.numbers)
    assert area(other) == pytest.approx(area(one), rel=1e-12)


@pytest.mark.physics
def test_relaxation_lowers_a_surface_of_pairs_by_a_little(argon_surface):
    """Planes move as wholes by some per cent of a bond, whatever the thickness."""
    ratio = argon_surface["surface_energy"].values / argon_surface["unrelaxed_surface_energy"].values
    assert ((ratio > 0.95) & (ratio < 1 - 1e-4)).all()


def test_what_is_drawn_and_what_is_no_surface(argon_surface):
    assert argon_surface.mlip.plot().axes[0].get_xlabel() == "layers"
    lennard_jones = mlip_nb.potential("lennard-jones")
    with pytest.raises(InputError, match="0,0,0 is no plane"):
        mlip_nb.Surface(miller=(0, 0, 0)).run(mlip_nb.load("Ar"), lennard_jones)
    with pytest.raises(InputError, match="images of the slab would touch"):
        mlip_nb.Surface(vacuum=1.0).run(mlip_nb.load("Ar"), lennard_jones)


@pytest.fixture(scope="module")
def argon_surface():
    surface = mlip_nb.Surface(miller=(1, 0, 0), layers=(2,), relax_crystal=False)
    return surface.run(mlip_nb.load("Ar"), mlip_nb.potential("lennard-jones"))
