"""Labels are found wherever files, Atoms and Datasets keep them, in our units; what is missing is said in one line."""

import gzip
import subprocess
import sys

import ase
import ase.io
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from mlip_nb import results, units
from mlip_nb.errors import InputError
from mlip_nb.learn import read_frames


@pytest.fixture
def crystal():
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.05, seed=1)
    return atoms


@pytest.fixture
def forces(crystal):
    return np.random.default_rng(0).normal(size=(len(crystal), 3))


def with_labels(atoms, forces, energy=-1.5):
    atoms = atoms.copy()
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=np.arange(6.0))
    return atoms


VOIGT = [[0, 5, 4], [5, 1, 3], [4, 3, 2]]


@pytest.mark.parametrize("name", ["set.extxyz", "set.xyz", "set.xyz.gz", "set.traj", "set.json", "set.db"])
def test_all_frames_of_a_file_are_read(tmp_path, crystal, forces, name):
    ase.io.write(tmp_path / name, [with_labels(crystal, forces, energy) for energy in (-1.0, -2.0)])
    frames = read_frames(tmp_path / name)
    assert [frame.index for frame in frames] == [0, 1]
    assert [frame.energy for frame in frames] == pytest.approx([-1, -2])
    np.testing.assert_allclose(frames[1].forces, forces, atol=1e-7)
    np.testing.assert_allclose(frames[1].stress, VOIGT)
    np.testing.assert_allclose(frames[1].system.positions, crystal.positions, atol=1e-7)


def test_several_sources_are_counted_through(tmp_path, crystal, forces):
    ase.io.write(tmp_path / "one.xyz", with_labels(crystal, forces))
    frames = read_frames([tmp_path / "one.xyz", str(tmp_path / "one.xyz"), with_labels(crystal, forces)])
    assert [frame.index for frame in frames] == [0, 1, 2]


@pytest.mark.parametrize(
    ("energy", "force", "group"),
    [("REF_energy", "REF_forces", "config_type"), ("dft_energy", "dft_forces", "group"), ("Energy", "force", "label")],
)
def test_the_usual_names_are_known(crystal, forces, energy, force, group):
    crystal.info |= {energy: -3.25, group: "liquid"}
    crystal.arrays[force] = forces
    frame = read_frames(crystal)[0]
    assert (frame.energy, frame.group) == (-3.25, "liquid")
    np.testing.assert_array_equal(frame.forces, forces)


def test_names_that_are_asked_for_come_before_the_usual_ones(crystal, forces):
    crystal.info |= {"energy": 1.0, "b3lyp": 2.0}
    crystal.arrays |= {"forces": forces, "mine": -forces}
    frame = read_frames(crystal, energy="b3lyp", forces="mine")[0]
    assert frame.energy == 2.0
    np.testing.assert_array_equal(frame.forces, -forces)


def test_a_virial_becomes_a_stress(crystal, forces):
    virial = np.diag([1.0, 2.0, 3.0])
    crystal.info |= {"energy": 0.0, "virial": virial}
    crystal.arrays["forces"] = forces
    np.testing.assert_allclose(read_frames(crystal)[0].stress, -virial / crystal.get_volume())


def test_fillers_for_masses_and_momenta_are_left_out(crystal, forces):
    crystal.info["energy"] = 0.0
    crystal.arrays["force"] = forces
    crystal.set_masses(np.ones(8))
    crystal.set_momenta(np.zeros((8, 3)))
    system = read_frames(crystal)[0].system
    assert system.momenta is None
    np.testing.assert_allclose(system.masses, 28.085)


def test_an_isolated_atom_is_a_frame(crystal):
    atom = ase.Atoms("H", info={"energy": -13.6, "config_type": "isolated_atom"})
    frame = read_frames(atom)[0]
    assert (frame.energy, frame.forces, frame.stress, len(frame.system.numbers)) == (-13.6, None, None, 1)


def stored_run():
    random = np.random.default_rng(0)
    velocities = random.normal(0, 1e-3, (2, 8, 3))
    masses, cells = np.full(8, 28.085), np.stack([5.43 * np.eye(3)] * 2)
    kinetic = np.einsum("m,fma,fmb->fab", masses, velocities, velocities) * units.ANGSTROM_PER_FEMTOSECOND**2
    configurational = random.normal(0, 0.01, (2, 3, 3))
    variables = {
        "step": np.arange(2),
        "number": np.full(8, 14),
        "mass": masses,
        "positions": random.normal(size=(2, 8, 3)),
        "velocities": velocities,
        "forces": random.normal(size=(2, 8, 3)),
        "cell": cells,
        "potential_energy": np.array([-1.0, -2.0]),
        "stress": (configurational - kinetic / 5.43**3) / units.GIGAPASCAL,
    }
    return results.build_dataset(variables, attrs={"pbc": [True] * 3}), configurational


def test_a_stored_run_gives_back_configurational_stress_in_our_units():
    dataset, configurational = stored_run()
    frames = read_frames(dataset)
    np.testing.assert_allclose([frame.stress for frame in frames], configurational, atol=1e-12)
    np.testing.assert_array_equal([frame.forces for frame in frames], dataset["forces"])
    assert [frame.energy for frame in frames] == [-1, -2]
    assert frames[0].system.pbc == (True, True, True)


def test_a_file_that_is_not_there_is_said_with_the_nearest(tmp_path):
    (tmp_path / "train.xyz").write_text("x")
    with pytest.raises(InputError, match=r"there is no file .*trian.xyz.*Did you mean .*train.xyz"):
        read_frames(tmp_path / "trian.xyz")


@pytest.mark.parametrize("name", ["empty.xyz", "empty.xyz.gz"])
def test_an_empty_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    with pytest.raises(InputError, match="is empty"):
        read_frames(tmp_path / name)


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.xyz").write_text("this is no frame\n")
    with pytest.raises(InputError, match="cannot be read"):
        read_frames(tmp_path / "notes.xyz")


def test_a_key_that_is_nowhere_is_refused_with_those_there_are(crystal, forces):
    crystal.info["energy"] = 0.0
    crystal.arrays["forces"] = forces
    with pytest.raises(InputError, match="no frame has energy under 'e_ref'; there is energy, forces"):
        read_frames(crystal, energy="e_ref")


def test_frames_without_energies_or_forces_are_refused(crystal, forces):
    crystal.arrays["gradients"] = forces
    with pytest.raises(InputError, match=r"no frame with an energy \(there is gradients\)"):
        read_frames(crystal)
    crystal.info["energy"] = 0.0
    with pytest.raises(InputError, match="data without forces"):
        read_frames(crystal)


@pytest.mark.parametrize(
    ("source", "message"), [([], "has no frames"), (3.0, "cannot read frames of 'float'"), ("/tmp", "is a directory")]
)
def test_what_holds_no_frames_is_refused(source, message):
    with pytest.raises(InputError, match=message):
        read_frames(source)


def test_the_room_does_not_import_xarray():
    code = "import sys, mlip_nb.learn; assert 'xarray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_forces_of_the_zuo_sets_are_found(shared_data):
    frames = read_frames(shared_data / "zuo2020" / "Si_test.xyz.gz")
    assert all(frame.energy < 0 and frame.forces.shape == (len(frame.system.numbers), 3) for frame in frames)
    assert frames[0].system.momenta is None
