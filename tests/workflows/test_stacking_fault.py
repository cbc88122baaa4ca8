"""Stacking faults by the bonds that are lost, by hand, and by symmetry."""

import dataclasses

import ase
import ase.build
import ase.calculators.lj
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.statics.slip import halves

JOULE, SIGMA, EPSILON = 16.02176634, 3.4, 0.0104
"""J/m² in eV/Å², Å, eV."""
BOND = 2 ** (1 / 6) * SIGMA


def pairs(cutoff):
    return mlip_nb.potential("lennard-jones", epsilon=EPSILON, sigma=SIGMA, cutoff=cutoff * SIGMA, style="shifted")


def argon(bond):
    """A face-centred cubic cell."""
    return mlip_nb.load("Ar", a=np.sqrt(2) * bond)


def energy_of(distance, cutoff):
    plain = [4 * EPSILON * ((SIGMA / r) ** 12 - (SIGMA / r) ** 6) for r in (distance, cutoff * SIGMA)]
    return plain[0] - plain[1]


@pytest.fixture(scope="module")
def nearest():
    """The curve where only nearest neighbours are bound: six to a plane, three to the next one."""
    tight = {"force": 1e-6, "stress": 1e-5, "relax_crystal": False}
    fault = mlip_nb.StackingFault(direction=(1, 1, -2), points=7, layers=4, **tight)
    return fault.run(argon(BOND), pairs(1.3))


def test_bonds_of_nearest_neighbours_tell_the_curve(nearest):
    """A sixth of the way two of three bonds are left, and relax to their length; after a third all three are back."""
    area, depth = np.sqrt(3) / 2 * BOND**2 / JOULE, -energy_of(BOND, 1.3)
    squeezed = 2 * energy_of(np.sqrt(11 / 12) * BOND, 1.3)
    np.testing.assert_allclose(nearest["rigid_fault_energy"][1], (squeezed + 3 * depth) / area, rtol=1e-9)
    np.testing.assert_allclose(nearest["fault_energy"][1], depth / area, rtol=1e-6)
    np.testing.assert_allclose(nearest["fault_opening"][1], (np.sqrt(3 / 4) - np.sqrt(2 / 3)) * BOND, rtol=1e-3)
    np.testing.assert_allclose(nearest["fault_energy"][[0, 2, 6]], 0, atol=1e-9)
    # Atoms on top of atoms have one bond of three.
    np.testing.assert_allclose(nearest["fault_energy"][4], 2 * depth / area, rtol=1e-6)
    assert float(nearest["unstable_fault_slide"]) == pytest.approx(1 / 6, abs=1e-6)
    assert float(nearest["stable_fault_slide"]) == pytest.approx(1 / 3, abs=1e-6)
    assert float(np.linalg.norm(nearest["slide_translation"])) == pytest.approx(np.sqrt(3) * BOND, rel=1e-12)


def test_symmetric_slides_have_no_slope(nearest):
    np.testing.assert_allclose(nearest["fault_stress"][[0, 1, 2, 4, 6]], 0, atol=1e-6)


@pytest.mark.physics
def test_the_curve_is_that_of_a_slab_made_by_hand():
    """By ASE, its builder and its potential: two blocks with a vacuum; images of the fault are beyond the cutoff."""
    bond, cutoff, layers = 1.09 * SIGMA, 2.0, 8
    fault = mlip_nb.StackingFault(direction=(1, 1, -2), points=4, layers=layers, relax=False, relax_crystal=False)
    found = fault.run(argon(bond), pairs(cutoff))
    slab = ase.build.fcc111("Ar", (1, 1, layers), a=np.sqrt(2) * bond, vacuum=12.0, periodic=True)
    calculator = ase.calculators.lj.LennardJones(sigma=SIGMA, epsilon=EPSILON, rc=cutoff * SIGMA, smooth=False)
    heights, energies = slab.positions[:, 2], []
    hollow = (slab.positions[-2] - slab.positions[-1]) * [1, 1, 0]
    for part in range(4):
        slid = slab.copy()
        slid.positions[heights > heights.mean()] += part * hollow
        slid.calc = calculator
        energies.append(slid.get_potential_energy())
    by_hand = (np.array(energies) - energies[0]) / np.linalg.norm(np.cross(*slab.cell[:2])) * JOULE
    # By the other way round the layers a block of ASE's comes to the atoms on top first.
    np.testing.assert_allclose(sorted(found["rigid_fault_energy"]), sorted(by_hand), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found["fault_stress"], 0, atol=1e-9)


def test_slopes_are_derivatives_of_energies():
    """Of silicon, in all three directions, the crystal as it is."""
    silicon = mlip_nb.load("Si")
    silicon = dataclasses.replace(silicon, positions=silicon.positions.at[3].add(0.1))
    potential = mlip_nb.potential("stillinger-weber")
    cut = halves(silicon, (1, 1, 0), 2)
    slide, step = np.array([0.3, -0.2, 0.15]), 1e-4

    def measured(moves):
        slid = cut.slid(moves)
        return slid, potential.evaluate(slid, stress=True)

    slid, here = measured(slide)
    slope = cut.slope(slid, np.asarray(here.forces), np.asarray(here.stress * slid.volume))
    sides = [[float(measured(slide + sign * step * axis)[1].energy) for sign in (1, -1)] for axis in np.eye(3)]
    np.testing.assert_allclose(slope, [(up - down) / (2 * step) for up, down in sides], atol=1e-6)


@pytest.mark.physics
def test_hexagonal_diamond_costs_silicon_nothing():
    """To a potential of bonds and angles both ways of stacking are the same; glide, relaxed."""
    fault = mlip_nb.StackingFault(direction=(1, 1, -2), points=4, layers=3, gap="narrowest", relax_crystal=False)
    found = fault.run(mlip_nb.load("Si", a=5.4309497), mlip_nb.potential("stillinger-weber"))
    assert found["fault_energy"].values.min() == pytest.approx(0, abs=1e-6)
    assert abs(found["fault_energy"].values[[1, 2]]).min() == pytest.approx(0, abs=1e-5)
    assert found["fault_energy"].values.max() > 1


def test_what_is_no_slide():
    crystal, potential = argon(BOND), pairs(1.3)
    with pytest.raises(InputError, match="1,1,1 does not lie in the plane"):
        mlip_nb.StackingFault(direction=(1, 1, 1)).run(crystal, potential)
    with pytest.raises(InputError, match="it is parallel to direction"):
        mlip_nb.StackingFault(direction=(1, -1, 0), second=(-1, 1, 0)).run(crystal, potential)
    with pytest.raises(InputError, match="0,0,0 is no plane"):
        mlip_nb.StackingFault(miller=(0, 0, 0)).run(crystal, potential)
    cluster = dataclasses.replace(crystal, pbc=(False, False, False), cell=jnp.zeros((3, 3)))
    with pytest.raises(InputError, match="not periodic"):
        mlip_nb.StackingFault().run(cluster, potential)
