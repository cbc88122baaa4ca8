"""Point defects against closed forms: pairs that are cut, atoms that are exchanged, silicon of Stillinger and Weber."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.statics.defects import largest_hole, substituted, with_interstitial, without

EPSILON = 2.1683
"""eV, the depth of the well of silicon."""
AT_ONCE = mlip_nb.Relax(moving="positions", steps=1, check=False)


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.load("Ar")


@pytest.fixture(scope="module")
def lennard_jones():
    return mlip_nb.potential("lennard-jones")


@pytest.mark.physics
def test_a_vacancy_among_pairs_costs_the_cohesive_energy(argon, lennard_jones):
    """Twice the energy of an atom is cut, and the atom gives it back once."""
    with pytest.warns(match="not relaxed"):
        data = mlip_nb.Vacancy(supercells=(2,), relax_crystal=False, relaxation=AT_ONCE).run(argon, lennard_jones)
    cohesive = -float(lennard_jones.evaluate(argon).energy) / len(argon.numbers)
    np.testing.assert_array_equal(data["supercell"], [32])
    np.testing.assert_allclose(data["unrelaxed_defect_energy"], cohesive, rtol=1e-9)
    assert (data["defect_energy"] < data["unrelaxed_defect_energy"]).all()
    assert data.sizes["atom"] == 31


@pytest.mark.physics
def test_a_vacancy_of_silicon_is_two_wells_deep_and_a_minimum():
    """Each of four neighbours loses a bond; angles do not change, so that nothing pulls inwards."""
    data = mlip_nb.Vacancy(expected=4.34).run(mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber"))
    for name in ("unrelaxed_defect_energy", "trapped_defect_energy", "defect_energy"):
        assert float(data[name][0]) == pytest.approx(2 * EPSILON, abs=2e-4)
    assert float(data["defect_curvature"][0]) > 0.1


@pytest.mark.physics
def test_displaced_starts_find_the_vacancy_that_has_rebuilt_itself():
    relaxation = mlip_nb.Relax(moving="positions", rattle=0.3)
    data = mlip_nb.Vacancy(relaxation=relaxation).run(mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber"))
    assert float(data["trapped_defect_energy"][0]) == pytest.approx(2 * EPSILON, abs=2e-4)
    assert float(data["defect_energy"][0]) < 2 * EPSILON - 1
    assert float(data["defect_curvature"][0]) > 0


def test_reservoirs_pay_for_what_is_exchanged():
    """Unrelaxed energies by their definition; another chemical potential shifts them by itself."""
    silicon, potential = mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber")
    options = {"relax_crystal": False, "relaxation": AT_ONCE, "supercells": (1,), "element": "Ge"}
    with pytest.warns(match="not relaxed"):
        found = [
            mlip_nb.Substitution(chemical_potentials=(f"Ge={energy}",), **options).run(silicon, potential)
            for energy in (-3.9, -4.0)
        ]
    perfect = float(potential.evaluate(silicon).energy)
    expected = float(potential.evaluate(substituted(silicon, 0, "Ge")).energy) - perfect + 3.9 + perfect / 8
    assert float(found[0]["unrelaxed_defect_energy"][0]) == pytest.approx(expected, abs=1e-9)
    assert float((found[1] - found[0])["defect_energy"][0]) == pytest.approx(0.1, abs=1e-9)


def test_an_atom_that_comes_back_completes_the_crystal(argon):
    crystal = mlip_nb.load("Ar", repeat=2)
    hole = without(crystal, 5)
    np.testing.assert_allclose(largest_hole(hole) % 5.26, np.asarray(crystal.positions[5]) % 5.26, atol=1e-3)
    place = np.asarray(crystal.positions[5]) @ np.linalg.inv(crystal.cell)
    again = with_interstitial(hole, "Ar", place)
    np.testing.assert_allclose(np.asarray(again.positions[-1]), crystal.positions[5], atol=1e-9)
    assert again.symbols == crystal.symbols


@pytest.mark.physics
def test_a_committee_tells_its_model_error():
    """Each member relaxes by itself, here for a step, and says what it says alone."""
    spec = GauntSpec(symbols=("Cu",), degree=1, channels=2, hidden=4, radial=4, cutoff=3.8, precision="float64")
    members = [spec.replace(weight_seed=seed).build() for seed in range(3)]
    copper, options = mlip_nb.load("Cu"), {"relax_crystal": False, "relaxation": AT_ONCE, "supercells": (1,)}
    committee = Committee.of(members, spec.replace(members=3))
    vacancy = mlip_nb.Vacancy(**options)
    data, each = vacancy.run(copper, committee), [vacancy.run(copper, one) for one in members]
    energies = np.array([one["defect_energy"].values for one in each])
    np.testing.assert_array_equal(data["member_defect_energy"], energies)
    np.testing.assert_allclose(data["defect_energy_model_error"], np.std(energies, axis=0, ddof=1), rtol=1e-9)


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        (mlip_nb.Vacancy(atom=99), "there is no atom 99 among"),
        (mlip_nb.Substitution(element="Xx"), "'Xx' is no element"),
        (mlip_nb.Substitution(element="Ar"), "atom 0 is Ar already"),
        (mlip_nb.Substitution(element="Ne"), "the reservoir of Ne is not known"),
        (mlip_nb.Substitution(element="Ne", chemical_potentials=("Ne",)), "'Ne' is not like Si=-5.42"),
        (mlip_nb.Interstitial(place=(0.0, 0.0, 0.0)), "0.00 Å from an atom"),
        (mlip_nb.Vacancy(relaxation=mlip_nb.Relax()), "leave --moving at positions"),
    ],
)
def test_what_cannot_be_is_refused(argon, lennard_jones, defect, message):
    with pytest.raises(InputError, match=message):
        defect.run(argon, lennard_jones)
