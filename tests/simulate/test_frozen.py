"""Atoms held in place do not move, are not counted, and do not spoil the temperature of the others."""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from ase.constraints import FixAtoms, FixBondLength

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.simulate import ensembles, held
from mlip_nb.system import from_ase, to_ase
from mlip_nb.workflows import MD


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=5.0)


@pytest.fixture(scope="module")
def crystal():
    return bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2)


@pytest.mark.parametrize("name", ["brownian", "nvt-csvr", "nvt-langevin"])
def test_held_atoms_stay_and_the_others_move(name, crystal, argon):
    """Half of a crystal; sorted anew several times on the way."""
    md = MD(ensemble=ensembles[name](temperature=60), timestep=5, steps=60, every=30, frozen="0:16", skin=0.1)
    data = md.run(from_ase(crystal), argon)
    moved = np.abs(data.positions[-1] - data.positions[0]).max("xyz").values
    assert (moved[:16] == 0).all()
    assert (moved[16:] > 1e-3).all()
    assert (data.velocities[:, :16] == 0).all()
    assert (data.forces[:, :16] == 0).all()


def test_temperature_counts_those_that_move(crystal, argon):
    """Frame 0: kinetic energy of 16 atoms over 48 halves."""
    data = MD(ensemble=ensembles["nve"](temperature=60), steps=1, every=1, frozen="16:").run(from_ase(crystal), argon)
    expected = 2 * data.kinetic_energy[0] / (48 * mlip_nb.units.KELVIN)
    np.testing.assert_allclose(data.temperature[0], expected, rtol=1e-12)


def test_constraints_of_ase_are_kept(crystal, argon):
    """FixAtoms comes along, into the Dataset and back; a run with it is repeated by itself."""
    atoms = crystal.copy()
    atoms.set_constraint(FixAtoms(indices=[3, 5]))
    system = from_ase(atoms)
    assert "2 held in place" in repr(system)
    data = MD(ensemble=ensembles["nve"](temperature=60), timestep=5, steps=20).run(system, argon)
    moved = np.abs(data.positions[-1] - data.positions[0]).max("xyz").values
    assert set(np.flatnonzero(moved == 0)) == {3, 5}
    assert to_ase(data.mlip.system(-1)).constraints[0].index.tolist() == [3, 5]
    np.testing.assert_array_equal(data.mlip.rerun().positions, data.positions)


def test_other_constraints_are_left_out_aloud(crystal):
    atoms = crystal.copy()
    atoms.set_constraint(FixBondLength(0, 1))
    with pytest.warns(UserWarning, match="FixBondLengths is left out"):
        assert from_ase(atoms).mobile is None


@pytest.mark.parametrize(
    ("frozen", "count"),
    [("0:16", 16), ("5", 1), ("-1", 1), ("0,1,4:6", 4), ([0, 1, 2], 3), (np.arange(7), 7), (range(4), 4), ((), 0)],
    ids=str,
)
def test_atoms_are_named_by_index_and_range(frozen, count, crystal):
    system = held(from_ase(crystal), MD(frozen=frozen).frozen)
    assert (0 if system.mobile is None else int((~system.mobile).sum())) == count


def test_atoms_are_named_by_symbol():
    salt = from_ase(bulk("NaCl", "rocksalt", a=5.6, cubic=True))
    np.testing.assert_array_equal(held(salt, ("Na",)).mobile, np.asarray(salt.numbers) != 11)


@pytest.mark.parametrize(
    ("frozen", "message"),
    [
        ("Kr", "no atom is Kr; the system has Ar"),
        ("99", "there is no atom 99; atoms are 0 to 31"),
        ("40:50", "the range 40:50 has no atoms"),
        ("first", "'first' names no atoms"),
        ("0:x", "'0:x' names no atoms"),
        ("Ar", "all atoms are frozen"),
    ],
)
def test_bad_names_are_refused(frozen, message, crystal, argon):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match=message):
            MD(frozen=frozen, steps=1).run(from_ase(crystal), argon)


@pytest.mark.parametrize(
    ("frozen", "message"),
    [
        ([True, False] * 16, r"frozen: a mask of True and False is not taken; give indices, such as np.flatnonzero"),
        (np.arange(32) < 5, "frozen: a mask"),
        (jnp.arange(32) < 5, "frozen: a mask"),
        (list(np.arange(32) < 5), "frozen: a mask"),
        (True, "frozen: a mask"),
        (np.arange(6).reshape(2, 3), r"frozen: atoms are named in one row \(got the row \[0, 1, 2\]\)"),
        (list(np.arange(6).reshape(2, 3)), "frozen: atoms are named in one row"),
        ([[0, 1], [2]], "frozen: atoms are named in one row"),
    ],
    ids=str,
)
def test_masks_and_tables_are_refused_in_one_line(frozen, message):
    with pytest.raises(InputError, match=message) as refusal:
        MD(frozen=frozen)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("frozen", [jnp.arange(3), {0, 1, 2}, [np.int64(0), jnp.asarray(1), "2"], "0, 1 ,2"], ids=str)
def test_indices_come_in_any_container(frozen):
    assert sorted(MD(frozen=frozen).frozen) == ["0", "1", "2"]


@pytest.mark.parametrize("frozen", [np.array(3), np.int32(3), 3])
def test_one_index_needs_no_container(frozen):
    assert MD(frozen=frozen).frozen == ("3",)


def test_fixed_centre_and_held_atoms_exclude_each_other(crystal, argon):
    md = MD(ensemble=ensembles["nvt-langevin"](fix_center=True), frozen="0", steps=1)
    with pytest.raises(InputError, match="leave fix_center or the frozen atoms out"):
        md.run(from_ase(crystal), argon)
