"""Lattice vectors that expand each in its own way: the cubic limit, and layers by Maxwell's relation."""

import ase
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.system import from_ase
from mlip_nb.workflows._phonopy import Crystals
from mlip_nb.workflows._volumes import in_cells
from mlip_nb.workflows.phonons import thermal

from .test_second_derivatives import A0

TEMPERATURES = {"hottest": 800.0, "temperatures": 17}


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.mark.physics
def test_a_cubic_crystal_expands_as_the_other_way_says(potential):
    """All three vectors by a third of the volume; polynomial and equation of state fit the same free energies."""
    silicon = from_ase(bulk("Si", a=A0, cubic=True))
    small = {"supercell": (1, 1, 1), "mesh": 10.0, **TEMPERATURES}
    one = mlip_nb.AnisotropicQuasiHarmonic(**small, lengths=5).run(silicon, potential)
    other = mlip_nb.QuasiHarmonic(**small, volumes=5).run(silicon, potential)
    expansion = one["axial_expansion"].values
    np.testing.assert_allclose(expansion, expansion[:, :1].repeat(3, axis=1), rtol=1e-9)
    np.testing.assert_allclose(expansion.sum(axis=1), one["thermal_expansion"], rtol=1e-4, atol=1e-12)
    np.testing.assert_allclose(one["thermal_volume"], other["thermal_volume"], rtol=2e-5)
    np.testing.assert_allclose(one["thermal_expansion"][4:], other["thermal_expansion"][4:], rtol=0.03)
    assert len(one.mlip.plot().axes) == 2


def test_cells_whose_lengths_are_no_axes_are_refused(potential):
    with pytest.raises(InputError, match="Si2 is not in one: load it without --primitive, or take qha"):
        mlip_nb.AnisotropicQuasiHarmonic().run(from_ase(bulk("Si", a=A0)), potential)


@pytest.mark.physics
def test_a_layered_crystal_expands_by_entropy_over_stiffness():
    """α_i = S_ij ∂S/∂ε_j / V (Maxwell) of argon and krypton in turns, so heavy and cold that amplitudes are small and
    every vibration is classical."""
    potential = mlip_nb.potential("lennard-jones")
    layers = ase.Atoms("ArKr", scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5]], cell=[3.87, 3.87, 5.5], pbc=True)
    layers.set_masses([4e4, 8e4])
    system = mlip_nb.Relax(force=1e-6, stress=1e-5).relaxed(from_ase(layers), potential).system
    cold = {"hottest": 8.0, "temperatures": 9}
    settings = mlip_nb.AnisotropicQuasiHarmonic(supercell=(4, 4, 3), mesh=40.0, lengths=5, span=0.01, **cold)
    found = settings.run(system, potential)
    temperatures, cell, step = found["harmonic_temperature"].values, np.asarray(system.cell), 2e-3
    scales = [np.diag([1 + s, 1 + s, 1.0]) for s in (step, -step)] + [np.diag([1, 1, 1 + s]) for s in (step, -step)]
    maker, entropies = Crystals(potential, settings), []
    for one in in_cells(system, potential, np.array([cell @ scale for scale in scales])):
        phonons = maker.phonons(one)
        # A length would be rounded to another number where the cell is longer.
        phonons.run_mesh([10, 10, 8], is_gamma_center=True)
        entropies.append(thermal(phonons, temperatures)["harmonic_entropy"])
    along_a, along_c = (entropies[k] - entropies[k + 1] for k in (0, 2))
    slopes = np.stack([along_a / 2, along_a / 2, along_c]) * 2 * units.BOLTZMANN / (2 * step)
    constants = units.to_internal(mlip_nb.Elastic().run(system, potential)["elastic_constants"].values, "GPa")
    expected = (np.linalg.inv(constants)[:3, :3] @ slopes / float(system.volume)).T
    # Warmer, the crystal is larger and softer than the one at rest that stiffness and entropies are those of.
    shared = slice(3, 6)
    np.testing.assert_allclose(found["axial_expansion"].values[shared], expected[shared], rtol=0.045)
