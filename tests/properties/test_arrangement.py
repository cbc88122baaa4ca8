"""Angles, neighbours, order and structure factors: crystals have them exactly, ideal gases by law."""

import numpy as np
import pytest
from ase.build import bulk
from ase.neighborlist import primitive_neighbor_list

from mlip_nb.errors import InputError
from mlip_nb.properties import AngularDistribution, BondOrder, Coordination, StructureFactor
from mlip_nb.properties._neighbors import pairs_within

from .trajectories import dataset_of, standing

SILICON = standing(bulk("Si", cubic=True))
SALT = standing(bulk("NaCl", "rocksalt", a=5.6, cubic=True))


@pytest.mark.parametrize("pbc", [(True,) * 3, (True, False, True), (False,) * 3])
def test_pairs_are_those_of_ase(pbc):
    """In a sheared cell that is smaller than the cutoff in places, of atoms outside of it."""
    cell = np.array([[4.0, 0, 0], [3.0, 5.0, 0], [1.0, -2.0, 6.0]])
    positions = np.random.default_rng(0).uniform(-1, 2, size=(9, 3)) @ cell
    found = pairs_within(5.0, positions, cell, pbc)
    first, second, distances, vectors = primitive_neighbor_list("ijdD", pbc, cell, positions, 5.0)
    rows = [np.column_stack([found.first, found.second, found.distances, found.vectors])]
    rows += [np.column_stack([first, second, distances, vectors])]
    ours, theirs = (sorted(map(tuple, one.round(9) + 0.0)) for one in rows)
    np.testing.assert_allclose(ours, theirs, atol=2e-9)
    assert (np.diff(found.first) >= 0).all()


def test_angles_of_crystals():
    """Tetrahedral ones in diamond; in rock salt those of octahedra, 12 right ones and 3 straight ones of 15."""
    found = AngularDistribution(bins=720).of(SILICON)
    tetrahedral = np.degrees(np.arccos(-1 / 3))
    assert float(found["bond_angle"][np.argmax(found["angular_distribution"].values)]) == pytest.approx(
        tetrahedral, abs=0.25
    )
    assert float(found["angular_distribution"].sum()) * 0.25 == pytest.approx(1, rel=1e-12)
    octahedra = AngularDistribution(triplet=("Cl", "Na", "Cl"), bins=9).of(SALT)["angular_distribution"] * 20
    assert float(octahedra.sel(bond_angle=90)) == pytest.approx(12 / 15)
    assert float(octahedra.sel(bond_angle=170)) == pytest.approx(3 / 15)
    assert len(found.mlip.plot().axes) == 1


def test_angles_of_a_gas_are_spread_over_the_sphere():
    """As the sine; three errors or so, by frames that know nothing of each other."""
    draws = np.random.default_rng(3)
    gas = dataset_of(draws.uniform(0, 12, size=(60, 60, 3)), ["Ar"] * 60, cell=12 * np.eye(3))
    found = AngularDistribution(cutoff=4.0, bins=18, discard=0).of(gas)
    law = (np.cos(np.radians(found["bond_angle"] - 5)) - np.cos(np.radians(found["bond_angle"] + 5))) / 20
    away = (found["angular_distribution"] - law) / found["angular_distribution_error"]
    assert np.abs(away).max() < 4.5


def test_coordination_of_crystals():
    for run, pair, cutoff, neighbours in (
        (SILICON, None, 2.6, 4),
        (SILICON, None, 4.0, 16),
        (SALT, ("Na", "Cl"), 3, 6),
    ):
        found = Coordination(pair=pair, cutoff=cutoff).of(run)
        assert float(found["coordination_number"]) == neighbours
        assert float(found["coordination_share"].sel(neighbour_count=neighbours)) == 1
    assert len(found.mlip.plot().axes) == 1


@pytest.mark.parametrize(
    ("crystal", "a", "nearest", "orders"),
    [
        # P. J. Steinhardt et al., Phys. Rev. B 28, 784 (1983); to all digits from the directions of neighbours.
        ("fcc", 4.0, 12, (7**0.5 / (8 * 3**0.5), 169**0.5 / (16 * 2**0.5))),
        ("sc", 3.0, 6, ((7 / 12) ** 0.5, (1 / 8) ** 0.5)),
        ("hcp", 3.0, 12, (0.0972, 0.4848)),
        ("bcc", 3.0, 14, (0.0364, 0.5107)),
    ],
)
def test_order_parameters_of_crystals(crystal, a, nearest, orders):
    atoms = bulk("Cu", crystal, a=a, covera=(8 / 3) ** 0.5) if crystal == "hcp" else bulk("Cu", crystal, a=a)
    found = BondOrder(cutoff=4.6, nearest=nearest).of(standing(atoms))
    tolerance = 6e-5 if crystal in ("hcp", "bcc") else 1e-9
    np.testing.assert_allclose(found["local_bond_order"][0], orders, atol=tolerance)
    assert len(found.mlip.plot().axes) == 1


def test_order_parameters_do_not_turn():
    atoms = bulk("Si", cubic=True).repeat(2)
    atoms.rattle(0.1, seed=1)
    before = BondOrder().of(standing(atoms))
    atoms.rotate(37, (1, 2, 3), rotate_cell=True)
    np.testing.assert_allclose(BondOrder().of(standing(atoms))["bond_order"], before["bond_order"], rtol=1e-9)


def test_a_gas_has_no_structure():
    draws = np.random.default_rng(2)
    cell = np.array([[9.0, 0, 0], [3.0, 8.0, 0], [1.0, 2.0, 10.0]])
    gas = dataset_of(draws.uniform(size=(300, 40, 3)) @ cell, ["Ar"] * 20 + ["Ne"] * 20, cell=cell)
    for pair, law in ((None, 1), (("Ar", "Ne"), 0)):
        found = StructureFactor(pair=pair, longest=4.0, bins=20, discard=0).of(gas)
        away = (found["structure_factor"] - law) / found["structure_factor_error"]
        assert np.abs(away).max() < 4.5
    assert len(found.mlip.plot().axes) == 1


def test_a_crystal_scatters_at_its_own_wave_vectors():
    """Everywhere else waves cancel; diamond has no (200)."""
    atoms = bulk("Si", cubic=True).repeat(2)
    found = StructureFactor(longest=4.0, bins=400, most_vectors=10**6).of(standing(atoms))
    allowed = 2 * np.pi / 5.43 * np.sqrt([3, 8, 11])
    strong = found["wave_number"][found["structure_factor"] > 1e-6]
    np.testing.assert_allclose(strong, allowed, rtol=1e-6)
    # 64 atoms in phase for (220), a half in quadrature for (111): |1 + i|² / 4.
    assert float(found["structure_factor"].max()) == pytest.approx(64)
    first = found["structure_factor"].sel(wave_number=allowed[0], method="nearest")
    assert float(first) == pytest.approx(32)


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        (Coordination(pair=("Si", "O")), "no atom is O; there are Si"),
        (AngularDistribution(cutoff=1.0), "no atom has two such neighbours within 1 Å"),
        (BondOrder(cutoff=1.0), "an atom has 0 neighbours within 1 Å, 1 are needed"),
        (StructureFactor(longest=0.1), "no wave vector of this cell is shorter than 0.1 1/Å"),
        (Coordination(replica=1), "there is no replica 1; this Dataset has 1"),
        (Coordination(discard=0.9), "a coordination number needs 2 frames after --discard, there are 1"),
    ],
)
def test_what_cannot_be_told_is_refused(analysis, message):
    with pytest.raises(InputError, match=message):
        analysis.of(SILICON)
