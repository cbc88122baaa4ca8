"""Atoms in a cell: there and back to ASE, a pytree, and refused where nothing can be simulated."""

import ase
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk, molecule
from hypothesis import given, settings
from hypothesis import strategies as st

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.system import System, check, from_ase, to_ase

COORDINATE = st.floats(-50, 50)


@st.composite
def crystals(draw) -> ase.Atoms:
    """Any cell with a volume, any periodicity, atoms in and out of the cell, moving or not."""
    rows = np.array(draw(st.lists(st.tuples(*[st.floats(-9, 9)] * 3), min_size=3, max_size=3))) + 20 * np.eye(3)
    count = draw(st.integers(1, 5))
    # A ladder of places: never two atoms at one, whatever the lattice.
    positions = np.arange(count)[:, None] * [1.1, 0.7, 0.3] + np.array(draw(st.tuples(*[COORDINATE] * 3)))
    atoms = ase.Atoms(
        numbers=draw(st.lists(st.integers(1, 118), min_size=count, max_size=count)),
        positions=positions,
        cell=rows[list(draw(st.permutations(range(3))))],
        pbc=draw(st.tuples(*[st.booleans()] * 3)),
    )
    if draw(st.booleans()):
        atoms.set_momenta(positions[::-1] / 7)
    if draw(st.booleans()):
        atoms.set_masses(np.arange(1, count + 1) + 0.5)
    return atoms


@settings(deadline=None, max_examples=50)
@given(atoms=crystals())
def test_ase_and_back_loses_nothing(atoms):
    back = to_ase(from_ase(atoms))
    for name in ("numbers", "positions", "cell", "pbc"):
        np.testing.assert_array_equal(getattr(back, name), getattr(atoms, name))
    np.testing.assert_array_equal(back.get_masses(), atoms.get_masses())
    np.testing.assert_array_equal(back.get_momenta(), atoms.get_momenta())
    assert (from_ase(atoms).momenta is None) == ("momenta" not in atoms.arrays)


@pytest.mark.parametrize("pbc", [(True, True, True), (False, False, False), (True, False, True)])
def test_periodicity_is_static_and_arrays_are_leaves(pbc):
    atoms = bulk("Si", cubic=True)
    atoms.pbc = pbc
    system = from_ase(atoms)
    assert len(jax.tree.leaves(system)) == 4
    moved = jax.jit(lambda system: jax.tree.map(lambda leaf: leaf + 1, system))(system)
    assert moved.pbc == pbc
    np.testing.assert_array_equal(moved.positions, system.positions + 1)


def test_describes_itself():
    assert repr(from_ase(bulk("NaCl", "rocksalt", 5.64))) == "System(NaCl, 2 atoms, periodic along abc)"
    assert repr(from_ase(molecule("H2O"))) == "System(H2O, 3 atoms, periodic along none)"
    assert float(from_ase(bulk("Cu", cubic=True)).volume) == pytest.approx(3.61**3)
    assert float(from_ase(molecule("H2O")).volume) == 0


def test_precision_touches_real_numbers_only():
    single = from_ase(bulk("Si")).astype("float32")
    assert single.positions.dtype == single.cell.dtype == single.masses.dtype == jnp.float32
    assert single.numbers.dtype == jnp.int32


def test_momenta_can_be_given():
    system = from_ase(bulk("Si"))
    assert system.with_momenta(jnp.ones((2, 3))).momenta.shape == (2, 3)


def _bad(**changes) -> ase.Atoms:
    atoms = bulk("Si", cubic=True)
    for name, value in changes.items():
        setattr(atoms, name, value)
    return atoms


NOT_A_NUMBER = bulk("Si", cubic=True).positions.copy()
NOT_A_NUMBER[5, 1] = np.nan
FAR = bulk("Si", cubic=True).positions.copy()
FAR[2, 1] = -1e300
TOGETHER = bulk("Si", cubic=True).positions.copy()
TOGETHER[3] = TOGETHER[0] + [5.43, 0, 0.1]


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (ase.Atoms(), "no atoms; load one that has"),
        (_bad(positions=NOT_A_NUMBER), "atom 5 has positions that are not finite.*nan"),
        (_bad(positions=TOGETHER), r"atoms 0 and 3 overlap \(0.100 Å apart\)"),
        (_bad(cell=np.zeros((3, 3))), "span no volume"),
        (_bad(cell=[[5, 0, 0], [0, 5, 0], [5, 5, 0]]), "span no volume"),
        (_bad(cell=[[5, 0, 0], [0, np.inf, 0], [0, 0, 5]]), "entries that are not finite"),
        (
            _bad(positions=FAR),
            r"atom 2 is farther than 1e\+08 Å from the origin \(.*-1\.0*e\+300.*\); check the unit, Å",
        ),
        (_bad(cell=np.eye(3) * 1e300), r"lattice vectors longer than 1e\+08 Å .*1e\+300.*; check the unit, Å"),
        (_bad(cell=np.eye(3) * 1e300, pbc=False), "lattice vectors longer than"),
        (ase.Atoms("SiX", positions=[[0, 0, 0], [2, 0, 0]]), r"atom 1 has no known element \(0\)"),
    ],
    ids=[
        "empty",
        "nan",
        "overlap",
        "no cell",
        "flat cell",
        "infinite cell",
        "far",
        "huge cell",
        "huge unused cell",
        "dummy atom",
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_line(atoms, message):
    with pytest.raises(InputError, match=message) as refusal:
        from_ase(atoms)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("mass", [0.0, -1.0, np.nan])
def test_masses_must_be_positive(mass):
    atoms = bulk("Si")
    masses = atoms.get_masses()
    masses[1] = mass
    # ASE takes None and NaN for the default mass, so the system is made by hand.
    good = from_ase(atoms)
    with pytest.raises(InputError, match="atom 1 has .*mass"):
        check(System(good.positions, good.numbers, jnp.asarray(masses), good.cell, None, good.pbc))


def test_unused_lattice_vectors_may_be_zero():
    sheet = ase.Atoms("C2", positions=[[0, 0, 0], [0, 1.42, 0]], cell=[2.46, 4.26, 0], pbc=(True, True, False))
    assert from_ase(sheet).pbc == (True, True, False)


def test_left_handed_cells_simply_work():
    atoms = bulk("Si", cubic=True)
    atoms.set_cell(atoms.cell[[1, 0, 2]])
    assert float(from_ase(atoms).volume) == pytest.approx(5.43**3)


def test_what_is_no_system_is_told_how_to_become_one():
    potential, atoms = mlip_nb.potential("stillinger-weber"), bulk("Si")
    for workflow in (mlip_nb.MD(steps=1), mlip_nb.PIMD(steps=1)):
        with pytest.raises(InputError, match="Atoms is no System; mlip_nb.load makes one of it"):
            workflow.run(atoms, potential)
