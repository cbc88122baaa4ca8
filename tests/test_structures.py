"""Files, names and atoms become systems; what cannot is refused in one line that says what to do."""

import ase
import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.constraints import FixAtoms, FixedPlane

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.structures import COMPOUNDS, load, names
from mlip_nb.system import from_ase, to_ase


@pytest.fixture
def silicon():
    return bulk("Si", cubic=True)


@pytest.mark.parametrize(
    "name", ["si.cif", "POSCAR", "si.extxyz", "si.xyz", "si.json", "si.traj", "si.cif.gz", "a si@1.cif"]
)
def test_files_ase_reads_become_systems(tmp_path, silicon, name):
    silicon.write(tmp_path / name)
    system = load(tmp_path / name)
    assert system.symbols == ["Si"] * 8
    assert system.pbc == (True, True, True)
    np.testing.assert_allclose(system.cell, silicon.cell, atol=1e-6)
    separations = to_ase(system).get_all_distances(mic=True)
    np.testing.assert_allclose(np.sort(separations[0]), np.sort(silicon.get_all_distances(mic=True)[0]), atol=1e-6)


def test_a_text_names_the_same_file_as_a_path(tmp_path, silicon, monkeypatch):
    silicon.write(tmp_path / "si.cif")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(load("si.cif").positions, load(tmp_path / "si.cif").positions)


def test_repeat_multiplies_the_cell(silicon):
    system = mlip_nb.load(silicon, repeat=(1, 2, 3))
    assert len(system.numbers) == 48
    np.testing.assert_allclose(np.diag(system.cell), 5.43 * np.array([1, 2, 3]))
    assert len(load("Si", repeat=3).numbers) == 216


def test_the_last_frame_is_taken_unless_another_is_asked_for(tmp_path, silicon):
    file = tmp_path / "frames.extxyz"
    for scale in (1.0, 1.1, 1.2):
        frame = silicon.copy()
        frame.set_cell(silicon.cell * scale, scale_atoms=True)
        frame.write(file, append=True)
    assert load(file).cell[0, 0] == pytest.approx(5.43 * 1.2)
    assert load(file, index=0).cell[0, 0] == pytest.approx(5.43)
    with pytest.raises(InputError, match="has no frame 7"):
        load(file, index=7)


def test_velocities_in_a_file_come_along(tmp_path, silicon):
    silicon.set_momenta(np.arange(24.0).reshape(8, 3))
    silicon.write(tmp_path / "moving.traj")
    np.testing.assert_allclose(load(tmp_path / "moving.traj").momenta, silicon.get_momenta(), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "atoms", "periodic"),
    [("Si", 8, True), ("Cu", 4, True), ("Fe", 2, True), ("Mg", 2, True), ("Ar", 4, True), ("NaCl", 8, True)]
    + [("CsCl", 2, True), ("CaF2", 12, True), ("H2O", 3, False), ("C6H6", 12, False), ("O2", 2, False)],
)
def test_names_become_conventional_cells_or_molecules(name, atoms, periodic):
    system = load(name)
    assert len(system.numbers) == atoms
    assert system.pbc == (periodic,) * 3


def test_every_name_builds_a_system():
    assert {"Si", "NaCl", "H2O"} <= set(names())
    for name in names():
        assert len(load(name).numbers), name


@pytest.mark.parametrize("name", COMPOUNDS)
def test_compounds_are_charge_neutral_crystals_at_a_sensible_density(name):
    assert load(name).formula == ase.formula.Formula(name).format("metal") or len(load(name).numbers) > 2
    assert 1.5 < np.cbrt(float(load(name).volume) / len(load(name).numbers)) < 4


def test_kind_and_lattice_constant_can_be_chosen():
    assert len(load("Si", primitive=True).numbers) == 2
    assert load("NaCl", a=5.7).cell[0, 0] == pytest.approx(5.7)
    assert len(load("SiC", crystal="wurtzite", a=3.08).numbers) == 4
    assert load("KBr", crystal="rocksalt", a=6.6).symbols.count("K") == 4


def test_a_file_comes_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    molecule("H2O").write("Si", format="xyz")
    assert load("Si").formula == "H2O"


def test_a_system_passes_through(silicon):
    system = from_ase(silicon)
    np.testing.assert_array_equal(load(system).positions, system.positions)
    assert len(load(system, repeat=2).numbers) == 64


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("noise.bin", bytes(range(128, 256)) * 9, "noise.bin is in no format ASE knows"),
        ("noise.txt", b"hello\nworld\n", "in no format ASE knows"),
        ("noise.cif", b"hello\nworld\n", "cannot be read as cif"),
        ("noise.xyz", b"hello\nworld\n", "cannot be read as extxyz"),
        ("POSCAR", b"junk", "cannot be read as vasp"),
        ("empty.cif", b"", "is empty"),
        ("element.xyz", b"1\n\nQq 0 0 0\n", "Qq"),
        ("nan.xyz", b"1\n\nSi nan 0 0\n", "atom 0 has positions that are not finite"),
        ("none.xyz", b"0\n\n", "no atoms"),
        ("flat.xyz", b'1\nLattice="5 0 0 0 5 0 5 5 0" pbc="T T T"\nSi 0 0 0\n', "span no volume"),
        ("twice.xyz", b'2\nLattice="5 0 0 0 5 0 0 0 5" pbc="T T T"\nSi 0 0 0\nSi 5 0 0\n', "atoms 0 and 1 overlap"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal:
        load(tmp_path / name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("si", {}, "Did you mean 'Si'"),
        ("NaCI", {}, "Did you mean 'NaCl'"),
        ("Xy", {}, "no file, crystal or molecule is called 'Xy'"),
        ("missing.cif", {}, "there is no file missing.cif"),
        ("He", {"crystal": "fcc"}, "give both crystal and a"),
        ("Si", {"crystal": "cubic-ish", "a": 5.0}, "cannot build 'Si' as cubic-ish"),
        ("Si", {"a": -1.0}, "got -1.0"),
        ("Si", {"index": 2}, "index=2 says nothing about a name"),
        ("Si", {"repeat": (0, 1, 1)}, r"repeat: .*got \(0, 1, 1\)"),
        ("Si", {"repeat": (1, 2)}, "repeat: three whole numbers"),
        ("Si", {"repeat": 1.5}, "repeat: three whole numbers"),
        ("H2O", {"repeat": 2}, "direction a is not periodic"),
        ("H2O", {"primitive": True}, "primitive=True says nothing about a molecule"),
        (3.14, {}, "cannot make a system of 'float'"),
    ],
)
def test_bad_requests_are_refused(source, options, message):
    with pytest.raises(InputError, match=message):
        load(source, **options)


def test_directories_and_stores_are_refused(tmp_path):
    with pytest.raises(InputError, match="is a directory.*name a file"):
        load(tmp_path)
    (tmp_path / "out.zarr").mkdir()
    with pytest.raises(InputError, match=r"mlip_nb.open"):
        load(tmp_path / "out.zarr")


def test_a_missing_file_is_compared_with_its_neighbours(tmp_path, silicon):
    silicon.write(tmp_path / "silicon.cif")
    with pytest.raises(InputError, match="Did you mean .*silicon.cif"):
        load(tmp_path / "silcon.cif")


def test_building_options_do_not_fit_a_file(tmp_path, silicon):
    silicon.write(tmp_path / "si.cif")
    with pytest.raises(InputError, match="a=5.0 says nothing about a structure that exists"):
        load(tmp_path / "si.cif", a=5.0)


def test_partly_occupied_sites_are_refused(tmp_path):
    alloy = bulk("Cu", cubic=True)
    alloy.info["occupancy"] = {"0": {"Cu": 0.75, "Au": 0.25}}
    alloy.set_array("spacegroup_kinds", np.zeros(4, int))
    alloy.write(tmp_path / "alloy.cif")
    with pytest.raises(InputError, match="partly occupied"):
        load(tmp_path / "alloy.cif")


def test_held_atoms_stay_held_and_lost_constraints_are_announced(silicon):
    silicon.set_constraint(FixAtoms([0]))
    assert np.flatnonzero(~np.asarray(load(silicon, repeat=2).mobile)).tolist() == list(
        range(0, 8 * len(silicon), len(silicon))
    )
    silicon.set_constraint(FixedPlane(0, (0, 0, 1)))
    with pytest.warns(UserWarning, match="FixedPlane is left out"):
        load(silicon)


def test_a_left_handed_cell_has_the_energy_of_the_right_handed_one():
    potential = mlip_nb.potential("lennard-jones")
    crystal = bulk("Ar", cubic=True).repeat(4)
    crystal.rattle(0.1, seed=1)
    mirrored = crystal.copy()
    mirrored.set_cell(crystal.cell[[1, 0, 2]])
    right, left = (potential.evaluate(load(atoms), stress=True) for atoms in (crystal, mirrored))
    assert float(left.energy) == pytest.approx(float(right.energy), rel=1e-12)
    np.testing.assert_allclose(left.forces, right.forces, atol=1e-12)
    np.testing.assert_allclose(left.stress, right.stress, atol=1e-14)
