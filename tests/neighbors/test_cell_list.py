"""The neighbour table holds exactly the pairs that a brute-force search finds."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial import KDTree

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.neighbors import Alone, CellList, finder
from mlip_nb.neighbors._base import complete_cell
from mlip_nb.neighbors._blocks import SIZE, in_blocks
from mlip_nb.neighbors._columns import sort
from mlip_nb.neighbors._counting import count_neighbors
from mlip_nb.system import System


def make(positions, cell, pbc, dtype=float) -> System:
    count = len(positions)
    return System(
        positions=jnp.asarray(positions, dtype),
        numbers=jnp.full(count, 18, np.int32),
        masses=jnp.ones(count, dtype),
        cell=jnp.asarray(cell, dtype),
        pbc=pbc,
    )


def random_system(seed: int) -> tuple[System, float]:
    """Any shape and periodicity, atoms inside and outside the cell, cells down to a quarter of the cutoff."""
    rng = np.random.default_rng(seed)
    cell = np.diag(rng.uniform(2.5, 12, 3))
    if seed % 3:
        cell = cell + rng.normal(size=(3, 3)) * 0.25 * cell.diagonal().min()
    if seed % 4 == 1:
        cell[0] *= -1
    pbc = tuple(bool(p) for p in rng.integers(0, 2, 3)) if seed % 2 else (True, True, True)
    count = int(np.clip(abs(np.linalg.det(cell)) * 0.06, 1, 40))
    return make(rng.uniform(-1.5, 2.5, (count, 3)) @ cell, cell, pbc), float(rng.uniform(2, 8))


def brute_force(system: System, reach: float) -> np.ndarray:
    """Rows of i, j, vector for every pair and image within reach, by trying them all."""
    positions, basis = np.asarray(system.positions), np.asarray(complete_cell(system.cell, system.pbc))
    inverse = np.linalg.inv(basis)
    span = (positions @ inverse).max(axis=0) - (positions @ inverse).min(axis=0)
    most = [math.ceil(reach * np.linalg.norm(inverse[:, a]) + span[a]) if system.pbc[a] else 0 for a in range(3)]
    rows = []
    for image in itertools.product(*(range(-m, m + 1) for m in most)):
        away = positions[None] + np.array(image) @ basis - positions[:, None]
        near = (away**2).sum(axis=-1) < reach**2
        if not any(image):
            np.fill_diagonal(near, False)
        first, second = np.nonzero(near)
        rows.append(np.column_stack([first, second, away[near]]))
    return np.concatenate(rows)


def tabulated(table, system: System, reach: float = math.inf) -> np.ndarray:
    """Rows of i, j, vector from a table, for the system as it is now."""
    order = np.asarray(table.order)
    vectors = np.stack(table.displacements(system.positions[table.order].T, system.cell))
    slots, atoms = np.nonzero(np.asarray(table.used()) & ((vectors**2).sum(axis=0) < reach**2))
    others = np.asarray(table.others)[slots, atoms]
    return np.column_stack([order[atoms], order[others], vectors[:, slots, atoms].T])


def assert_same_pairs(found: np.ndarray, expected: np.ndarray) -> None:
    def canonical(rows):
        return rows[np.lexsort(np.round(rows, 4).T + 0.0)]

    assert len(found) == len(expected)
    np.testing.assert_allclose(canonical(found), canonical(expected), atol=1e-8)


def assert_exact(system: System, cutoff: float, skin: float = 0.3):
    table = CellList(cutoff, skin).allocate(system)
    assert_same_pairs(tabulated(table, system), brute_force(system, cutoff + skin))
    assert_opposite_edges(table, system)
    return table


def assert_opposite_edges(table, system: System) -> None:
    vectors = np.stack(table.displacements(system.positions[table.order].T, system.cell))
    slots, atoms = np.nonzero(np.asarray(table.used()))
    others, back = np.asarray(table.others)[slots, atoms], np.asarray(table.reverse)[slots, atoms]
    np.testing.assert_array_equal(np.asarray(table.others)[back, others], atoms)
    np.testing.assert_allclose(vectors[:, back, others], -vectors[:, slots, atoms], atol=1e-9)


def assert_unused_slots_hold_the_atom_itself(table) -> None:
    slots, atoms = np.nonzero(~np.asarray(table.used()))
    np.testing.assert_array_equal(np.asarray(table.others)[slots, atoms], atoms)
    np.testing.assert_array_equal(np.asarray(table.reverse)[slots, atoms], slots)


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.physics) for seed in range(4, 10))])
def test_random_cells_are_exact(seed):
    assert_unused_slots_hold_the_atom_itself(assert_exact(*random_system(seed)))


CUBE = 4.05 * np.eye(3)
FCC = 2.025 * np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0.0]])
RNG = np.random.default_rng(7)
BALL = RNG.normal(size=(400, 3))
BALL *= 12 * RNG.uniform(0, 1, (400, 1)) ** (1 / 3) / np.linalg.norm(BALL, axis=1, keepdims=True)

SPECIAL = {
    "one atom alone": (make([[1.0, 2, 3]], np.zeros((3, 3)), (False,) * 3), 4.0),
    "one atom and its images": (make([[0.0, 0, 0]], FCC, (True,) * 3), 7.0),
    "flat molecule": (make([[0, 0, 0], [1, 0, 0], [0, 1.0, 0], [9, 9, 0]], np.zeros((3, 3)), (False,) * 3), 3.0),
    "on the boundary": (make(np.array([[0, 0, 0], [0.5, 0.5, 1], [1, 0.5, 0.5]]) @ CUBE, CUBE, (True,) * 3), 4.05),
    "exactly at a whole number of cells": (make([[0.0, 0, 0], [4, 0, 0]], 12.0 * np.eye(3), (True,) * 3), 5.7),
    "far outside": (make([[500.0, -700, 3], [0, 0, 0]], 9 * np.eye(3), (True,) * 3), 4.0),
    "short along one direction": (make([[0.0, 0, 0], [1, 9, 3]], np.diag([2.5, 20, 20]), (True,) * 3), 6.0),
    "wire": (make([[0.0, 0, 0], [1, 1, 1]], [[0, 0, 0], [0, 0, 0], [1, 1, 3]], (False, False, True)), 5.0),
    "left-handed": (make(np.eye(3), FCC[[1, 0, 2]], (True,) * 3), 5.0),
    "cluster lost in a periodic box": (make(BALL + 100, 200 * np.eye(3), (True,) * 3), 4.0),
    "cluster and an atom that left": (make(np.vstack([BALL, [[900, 0, 0]]]), np.zeros((3, 3)), (False,) * 3), 4.0),
    "gas in the open": (make(RNG.uniform(0, 900, (300, 3)), np.zeros((3, 3)), (False,) * 3), 6.0),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_special_cells_are_exact(case):
    assert_exact(*SPECIAL[case])


@pytest.fixture(scope="module")
def liquid() -> System:
    cell = 14 * np.eye(3) + 0.8 * np.eye(3, k=1)
    grid = np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), -1).reshape(-1, 3) / 5
    return make(grid @ cell + np.random.default_rng(1).normal(size=(125, 3)) * 0.3, cell, (True,) * 3)


def test_float32_is_exact_in_the_opposite_edges(liquid):
    assert_opposite_edges(CellList(3.0, 0.4).allocate(liquid.astype("float32")), liquid.astype("float32"))


@pytest.mark.parametrize(
    ("lattice", "repeat", "reach"), [("Ni", 3, 5.5), ("Ni", 3, 5.356), ("Mo", 4, 5.7), ("Si", 2, 6.0)]
)
def test_a_perfect_crystal_fits_whatever_rounding_says_of_its_planes(lattice, repeat, reach):
    """Planes at thirds of the cell, where walls of cells would be: host and device need not round alike."""
    system = mlip_nb.load(lattice, repeat=repeat).astype("float32")
    table = CellList(cutoff=reach, skin=0.0).allocate(system)
    assert not table.overflow
    assert set(table.counts.tolist()) == {int(count_neighbors(system, (reach,))[0, 0])}


def test_pairs_at_the_very_end_of_the_reach_are_seen_from_both_ends():
    """A lattice whose fourth neighbours lie there, shaken by a few roundings of float32."""
    rng = np.random.default_rng(0)
    for seed in range(5):
        sites = 3.0 * np.stack(np.meshgrid(*[np.arange(8)] * 3, indexing="ij"), -1).reshape(-1, 3) + 1.3
        system = make(sites + 2e-5 * rng.normal(size=sites.shape), 24.0 * np.eye(3), (True,) * 3, np.float32)
        for less in (0.0, 7.63e-5):
            table = CellList(5.5, 0.5 - less).allocate(system)
            used = np.asarray(table.used())
            others, reverse = np.asarray(table.others), np.asarray(table.reverse)
            back = others[reverse, others]
            np.testing.assert_array_equal(back[used], np.broadcast_to(np.arange(512), used.shape)[used], err_msg=seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_unit_of_the_search_is_a_power_of_two(dtype):
    for length in (3.0, 7.0, 24.0, 1e5):
        system = make(np.zeros((1, 3)), length * np.eye(3), (True,) * 3, dtype)
        grid = CellList(min(1.0, length / 3), 0.1).grid(system)
        slack = sort(grid, system)[0].slack
        assert math.frexp(float(slack) / 5)[0] == 0.5


def test_without_opposite_edges_the_rest_is_the_same(liquid):
    table, plain = CellList(3.0, 0.4).allocate(liquid), CellList(3.0, 0.4, reverse=False).allocate(liquid)
    assert plain.reverse is None
    np.testing.assert_array_equal(plain.others, table.others)


def test_atoms_in_several_blocks_are_exact():
    """Counts and sums of indices of the neighbours, against a k-d tree; more atoms than one block holds."""
    count, cell = 2 * SIZE + 700, 60.0
    positions = np.random.default_rng(8).uniform(0, cell, (count, 3))
    system = make(positions, cell * np.eye(3), (True,) * 3)
    table = CellList(2.5, 0.3, reverse=False).allocate(system)
    expected = KDTree(positions, boxsize=cell).query_ball_point(positions[table.order], 2.8)
    np.testing.assert_array_equal(table.counts, [len(near) - 1 for near in expected])
    found = np.where(table.used(), np.asarray(table.order)[table.others], 0).sum(axis=0) + np.asarray(table.order)
    np.testing.assert_array_equal(found, [sum(near) for near in expected])


@pytest.mark.parametrize("atoms", [1, 7, 8, 9, 30])
def test_blocks_join_to_the_whole(atoms):
    values = np.arange(2.0 * atoms).reshape(2, atoms)
    joined = in_blocks(lambda start, size: jax.lax.dynamic_slice_in_dim(values, start, size, axis=1), atoms, size=8)
    np.testing.assert_array_equal(joined, values)


def test_pairs_do_not_depend_on_the_order_of_atoms(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    shuffled = np.random.default_rng(2).permutation(125)
    moved = make(liquid.positions[shuffled], liquid.cell, liquid.pbc)
    rows = tabulated(CellList(3.0, 0.4).update(table, moved), moved)
    rows[:, :2] = shuffled[rows[:, :2].astype(int)]
    assert_same_pairs(rows, tabulated(table, liquid))


def test_table_serves_until_an_atom_has_moved_half_the_skin(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    step = np.random.default_rng(3).normal(size=(125, 3))
    step *= 0.199 / np.linalg.norm(step, axis=1, keepdims=True)
    moved = make(liquid.positions + step, liquid.cell, liquid.pbc)
    assert table.complete(moved.positions[table.order].T)
    assert_same_pairs(tabulated(table, moved, 3.0), brute_force(moved, 3.0))
    assert not table.complete(table.reference.at[0, 0].add(0.201))


def test_update_gives_what_allocate_gives(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    moved = make(liquid.positions + 1.7, liquid.cell, liquid.pbc)
    updated = CellList(3.0, 0.4).update(table, moved)
    assert not updated.overflow
    assert_same_pairs(tabulated(updated, moved), brute_force(moved, 3.4))


def test_too_many_neighbours_raise_the_flag(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    dense = make(liquid.positions.at[:12].set(liquid.positions[0] + jnp.eye(12, 3)), liquid.cell, liquid.pbc)
    assert CellList(3.0, 0.4).update(table, dense).overflow


def test_a_shrinking_cell_raises_the_flag(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    half = make(liquid.positions / 2, liquid.cell / 2, liquid.pbc)
    assert CellList(3.0, 0.4).update(table, half).overflow


def test_shearing_a_straight_cell_raises_the_flag(liquid):
    straight = make(liquid.positions, jnp.diag(jnp.diag(liquid.cell)), liquid.pbc)
    table = CellList(3.0, 0.4).allocate(straight)
    sheared = make(liquid.positions, straight.cell.at[0, 1].set(1e-6), liquid.pbc)
    assert CellList(3.0, 0.4).update(table, sheared).overflow
    assert not table.complete(straight.positions[table.order].T, sheared.cell)
    assert table.complete(straight.positions[table.order].T, straight.cell)


def test_positions_that_are_not_numbers_raise_the_flag(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    broken = make(liquid.positions.at[3].set(jnp.nan), liquid.cell, liquid.pbc)
    assert CellList(3.0, 0.4).update(table, broken).overflow
    with pytest.raises(InputError, match="atom 3"):
        CellList(3.0, 0.4).allocate(broken)


def test_too_many_atoms_within_the_cutoff_is_told():
    crowd = make(np.random.default_rng(0).uniform(0, 1, (200, 3)), np.zeros((3, 3)), (False,) * 3)
    with pytest.raises(InputError, match="in a column of the cell list"):
        CellList(5.0, 0.1).allocate(crowd)


def test_update_compiles_once_for_one_grid(liquid):
    table = CellList(3.0, 0.4).allocate(liquid)
    update = jax.jit(lambda table, system: CellList(3.0, 0.4).update(table, system))
    for shift in (0.0, 1.0, 2.0):
        update(table, make(liquid.positions + shift, liquid.cell, liquid.pbc))
    assert update._cache_size() == 1


def test_nobody_has_neighbours_within_nothing(liquid):
    alone = finder(0.0, 0.5)
    table = alone.allocate(liquid)
    assert isinstance(alone, Alone)
    assert not len(tabulated(table, liquid))
    assert table.complete(liquid.positions.T + 50)
    np.testing.assert_array_equal(table.order, np.arange(125))
