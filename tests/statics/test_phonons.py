"""Phonons, equations of state and expansion of silicon: closed forms, identities, finite displacements by phonopy."""

import ase
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.system import from_ase
from mlip_nb.workflows._phonopy import Crystals
from mlip_nb.workflows.eos import fitted
from mlip_nb.workflows.gruneisen import mode_heat_capacity
from mlip_nb.workflows.phonons import band_labels

from .test_second_derivatives import A0

SMALL = {"supercell": (3, 3, 3), "mesh": 30.0}


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.fixture(scope="module")
def silicon():
    return from_ase(bulk("Si", a=A0))


@pytest.fixture(scope="module")
def phonons(silicon, potential):
    return mlip_nb.Phonons(**SMALL, temperatures=41, hottest=4000).run(silicon, potential)


def test_exact_force_constants_are_those_of_finite_displacements(silicon, potential):
    """Of phonopy, with forces by ASE of the same potential, to 1e-3 THz; of the order of displacements squared."""
    exact = Crystals(potential, mlip_nb.Phonons(**SMALL)).phonons(silicon)
    displaced = exact.replicate()
    displaced.generate_displacements(distance=0.01, is_plusminus=True)
    forces = []
    for cell in displaced.supercells_with_displacements:
        atoms = ase.Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        atoms.calc = potential.calculator()
        forces.append(atoms.get_forces())
    displaced.forces = forces
    displaced.produce_force_constants()
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (5, 3))
    ours, theirs = (one.run_qpoints(points).frequencies for one in (exact, displaced))
    assert np.abs(ours).max() > 10
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_bands_of_silicon(phonons):
    """The optical vibration at Γ, three times; three rigid motions; sound as fast as elastic constants say."""
    gamma = np.flatnonzero(phonons["band_label"] == "Γ")[0]
    frequencies = phonons["phonon_frequency"].values[gamma]
    np.testing.assert_allclose(frequencies[3:], 17.83, atol=0.01)
    np.testing.assert_allclose(frequencies[:3], 0, atol=1e-4)
    density = 2 * 28.085 / (A0**3 / 4)
    for branch, constant in ((0, 56.45), (2, 151.42)):
        sound = np.sqrt(units.to_internal(constant, "GPa") / density) * 100 / units.ANGSTROM_PER_FEMTOSECOND
        # Along [100]; the second point of the path is still a little slower.
        assert phonons["group_speed"].values[gamma + 1, branch] == pytest.approx(sound, rel=0.02)


def test_states_and_capacities_have_their_sums_and_limits(phonons):
    """Three states an atom; Dulong and Petit's capacity from below; entropy is minus the slope of the free energy."""
    total = np.trapezoid(phonons["density_of_states"], phonons["state_frequency"])
    assert total == pytest.approx(3, rel=0.01)
    capacity, temperature = phonons["harmonic_heat_capacity"].values, phonons["harmonic_temperature"].values
    assert 2.95 < capacity[-1] < 3
    assert capacity[0] == 0
    slope = -np.gradient(phonons["harmonic_free_energy"].values, temperature)[10:-1] / units.BOLTZMANN
    np.testing.assert_allclose(slope, phonons["harmonic_entropy"][10:-1], rtol=3e-3)


@pytest.mark.physics
def test_an_unstable_crystal_is_told(potential):
    """Body-centred silicon, as the potential has it."""
    with pytest.warns(RunWarning, match=r"imaginary frequencies, down to .*i THz"):
        found = mlip_nb.Phonons(supercell=(2, 2, 2), mesh=15.0, relax=True).run(
            from_ase(bulk("Si", "bcc", a=3.2)), potential
        )
    assert float(found["lowest_frequency"]) < -1


def test_names_of_points_are_where_they_are():
    names = band_labels([3, 2, 3], ["A", "B", "C", "D", "E"], [True, False, True])
    assert list(names) == ["A", "", "B", "B", "C", "D", "", "E"]


def test_a_mode_has_einstein_s_heat_capacity():
    x = units.HBAR * 2 * np.pi * units.to_internal(10.0, "THz") / units.to_internal(300.0, "K")
    expected = x**2 * np.exp(x) / np.expm1(x) ** 2
    assert mode_heat_capacity(np.array([10.0]), 300.0)[0] == pytest.approx(expected)
    assert mode_heat_capacity(np.array([10.0]), 0.0)[0] == 0


@pytest.mark.parametrize("form", ["birch-murnaghan", "vinet", "murnaghan"])
def test_a_fit_finds_what_made_the_energies(form):
    from ase import eos

    volumes = np.linspace(18, 22, 9)
    truth = (-4.3, 0.6, 4.2, 20.1)
    found = fitted(form, volumes, getattr(eos, form.replace("-", ""))(volumes, *truth))
    told = [found[name] for name in ("equilibrium_energy", "static_bulk_modulus", "bulk_modulus_derivative")]
    assert told == pytest.approx([truth[0], units.from_internal(truth[1], "GPa"), truth[2]], rel=1e-6)
    assert found["bulk_modulus_derivative_error"] < 1e-5


def test_the_equation_of_state_has_the_bulk_modulus_of_elastic_constants(silicon, potential):
    """And its pressures are slopes of its energies."""
    found = mlip_nb.EquationOfState(span=0.02, points=7).run(silicon, potential)
    assert float(found["static_bulk_modulus"]) == pytest.approx((151.42 + 2 * 76.42) / 3, abs=0.05)
    assert float(found["equilibrium_volume"]) == pytest.approx(A0**3 / 8, rel=1e-5)
    slopes = -np.gradient(found["sampled_energy"].values, found["sampled_volume"].values, edge_order=2)
    np.testing.assert_allclose(units.from_internal(slopes, "GPa")[1:-1], found["sampled_pressure"][1:-1], atol=0.02)
    with pytest.warns(RunWarning, match=r"lies outside the volumes .*--relax"):
        mlip_nb.EquationOfState(span=0.02, points=5).run(from_ase(bulk("Si", a=5.2)), potential)


@pytest.mark.physics
def test_expansion_by_volumes_is_that_by_gruneisen_parameters(silicon, potential):
    """α = γ C_V / (B V) where amplitudes are small; both from phonons of several volumes."""
    one = mlip_nb.Gruneisen(**SMALL).run(silicon, potential)
    other = mlip_nb.QuasiHarmonic(**SMALL).run(silicon, potential)
    shared = slice(20, 60)
    ratio = other["thermal_expansion"].values[shared] / one["thermal_expansion"].values[shared]
    np.testing.assert_allclose(ratio, 1, atol=0.025)
    assert (other["pressure_heat_capacity"].values[shared] > one["harmonic_heat_capacity"].values[shared]).all()


def test_what_has_no_phonons_is_refused(potential):
    from ase.calculators.emt import EMT

    cluster = bulk("Si", a=A0)
    cluster.set_cell(np.zeros((3, 3)))
    cluster.pbc = False
    with pytest.raises(InputError, match="not periodic everywhere"):
        mlip_nb.Phonons().run(from_ase(cluster), potential)
    with pytest.raises(InputError, match="no second derivatives"):
        mlip_nb.Phonons().run(from_ase(bulk("Cu")), mlip_nb.from_calculator(EMT()))
    with pytest.raises(InputError, match="make it shorter"):
        mlip_nb.Phonons(length=200).run(from_ase(bulk("Si", a=A0)), potential)
    with pytest.raises(InputError, match="supercell: a supercell of 16000 atoms.*make it smaller"):
        mlip_nb.Phonons(supercell=(20, 20, 20)).run(from_ase(bulk("Si", a=A0)), potential)
    isotopes = bulk("Si", a=A0)
    isotopes.set_masses([27.977, 29.974])
    with pytest.raises(InputError, match="atoms of Si have masses of 27.977 to 29.974 amu.*give them one mass"):
        mlip_nb.Phonons(**SMALL).run(from_ase(isotopes), potential)
