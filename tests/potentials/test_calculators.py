"""ASE calculators in both directions."""

import equinox as eqx
import jax
import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.emt import EMT
from ase.calculators.fd import calculate_numerical_stress
from ase.filters import FrechetCellFilter
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.neighbors import finder
from mlip_nb.potentials import _calculator, from_calculator
from mlip_nb.system import from_ase


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.potential("stillinger-weber", species="Si")


@pytest.fixture
def crystal(silicon) -> Atoms:
    atoms = bulk("Si", cubic=True)
    atoms.set_cell(1.03 * atoms.cell.array + 0.1 * np.eye(3, k=1), scale_atoms=True)
    atoms.rattle(0.1, seed=1)
    atoms.calc = silicon.calculator()
    return atoms


def test_calculator_gives_what_evaluate_gives(crystal, silicon):
    result = silicon.evaluate(from_ase(crystal), stress=True)
    np.testing.assert_allclose(crystal.get_potential_energy(), result.energy)
    np.testing.assert_allclose(crystal.get_potential_energies(), result.energies)
    np.testing.assert_allclose(crystal.get_forces(), result.forces, atol=1e-12)
    np.testing.assert_allclose(crystal.get_stress(voigt=False), result.stress, atol=1e-14)


@pytest.mark.physics
@pytest.mark.parametrize("shear", [pytest.param(1e-4, marks=pytest.mark.physics), 0.05])
def test_a_straight_cell_that_is_sheared_needs_another_table(silicon, shear):
    atoms = bulk("Si", cubic=True).repeat(2)
    atoms.rattle(0.05, seed=1)
    atoms.calc = silicon.calculator()
    atoms.get_potential_energy()
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + shear * np.eye(3, k=1)), scale_atoms=True)
    result = silicon.evaluate(from_ase(atoms), stress=True)
    np.testing.assert_allclose(atoms.get_potential_energy(), result.energy, rtol=1e-12)
    np.testing.assert_allclose(atoms.get_forces(), result.forces, atol=1e-10)


def test_stress_of_the_calculator_is_numerical_stress(crystal):
    np.testing.assert_allclose(crystal.get_stress(), calculate_numerical_stress(crystal, eps=1e-5), atol=1e-9)


def test_cell_and_atoms_relax_to_the_crystal(crystal):
    assert BFGS(FrechetCellFilter(crystal), logfile=None).run(fmax=1e-3, steps=100)
    assert crystal.get_potential_energy() / 8 == pytest.approx(-4.3366, abs=1e-5)
    assert crystal.get_volume() / 8 == pytest.approx(5.43095**3 / 8, rel=1e-3)


def test_dynamics_of_ase_conserves_energy_and_compiles_once(crystal):
    crystal.rattle(0.05, seed=4)
    before = crystal.get_total_energy()
    compiled = _calculator._refresh_and_evaluate._cached._cache_size()
    VelocityVerlet(crystal, 1 * units.fs).run(60)
    assert crystal.get_total_energy() == pytest.approx(before, abs=2e-3)
    assert _calculator._refresh_and_evaluate._cached._cache_size() <= compiled + 1


def test_an_atom_far_away_and_back_needs_a_new_table(crystal, silicon):
    start = crystal.get_potential_energy()
    place = crystal.positions[0].copy()
    crystal.positions[0] += (0.9, 0.9, 0.0)
    moved = crystal.get_potential_energy()
    np.testing.assert_allclose(moved, silicon.evaluate(from_ase(crystal)).energy)
    crystal.positions[0] = place
    assert crystal.get_potential_energy() == pytest.approx(start, abs=1e-12)


def test_other_atoms_and_other_periodicity_are_noticed(silicon):
    calculator = silicon.calculator()
    for atoms in (bulk("Si"), Atoms("Si2", [[0, 0, 0], [2.3, 0, 0]])):
        np.testing.assert_allclose(calculator.get_potential_energy(atoms), silicon.evaluate(from_ase(atoms)).energy)
    with pytest.raises(PropertyNotImplementedError):
        calculator.get_stress(Atoms("Si2", [[0, 0, 0], [2.3, 0, 0]]))
    with pytest.raises(InputError, match="covers Si; the system has Cu"):
        calculator.get_potential_energy(bulk("Cu"))


@pytest.fixture(scope="module")
def copper() -> Atoms:
    atoms = bulk("Cu", cubic=True).repeat(2)
    atoms.rattle(0.1, seed=0)
    return atoms


def test_a_foreign_calculator_keeps_its_numbers(copper):
    result = from_calculator(EMT()).evaluate(from_ase(copper), stress=True)
    copper.calc = EMT()
    np.testing.assert_allclose(result.energy, copper.get_potential_energy())
    np.testing.assert_allclose(result.energies, copper.get_potential_energies())
    np.testing.assert_allclose(result.forces, copper.get_forces())
    np.testing.assert_allclose(result.stress, copper.get_stress(voigt=False))


def test_a_foreign_calculator_is_built_by_name(copper):
    by_name = mlip_nb.potential("ase", calculator="ase.calculators.emt:EMT", arguments={"asap_cutoff": True})
    again = mlip_nb.potentials.potentials.build(by_name.spec.describe()).build()
    assert again.fingerprint == by_name.fingerprint
    system = from_ase(copper)
    assert by_name.evaluate(system).energy == again.evaluate(system).energy
    assert by_name.evaluate(system).energy != from_calculator(EMT()).evaluate(system).energy


def test_a_foreign_calculator_refuses_to_be_differentiated(copper):
    potential, system = from_calculator(EMT()), from_ase(copper)
    table = finder(potential.cutoff, 0.0).allocate(system)

    def energy(positions):
        return potential.evaluate(eqx.tree_at(lambda s: s.positions, system, positions), table).energy

    with pytest.raises(InputError, match="cannot be differentiated"):
        jax.grad(energy)(system.positions)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"calculator": "emt"}, "module:Class"),
        ({"calculator": "ase.calculators.emt:NoSuchThing"}, "NoSuchThing"),
        ({"calculator": "no_such_module:EMT"}, "no_such_module"),
        ({"calculator": "ase.calculators.emt:EMT", "arguments": "[1]"}, "JSON object"),
    ],
)
def test_bad_calculators_are_explained(parameters, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.potential("ase", **parameters)
