"""The automatic skin follows the physics it is derived from."""

import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.neighbors import automatic_skin
from mlip_nb.system import System

CUTOFF = 2.5


def lattice(cells: int = 8, mass: float = 1.0, pbc: bool = True) -> System:
    sites = np.stack(np.meshgrid(*[np.arange(float(cells))] * 3, indexing="ij"), -1).reshape(-1, 3)
    count = len(sites)
    return System(
        positions=jnp.asarray(sites),
        numbers=jnp.full(count, 18, np.int32),
        masses=jnp.full(count, mass),
        cell=cells * jnp.eye(3),
        pbc=(pbc,) * 3,
    )


def skin(system: System, kT: float = 1.0, timestep: float = 0.005, edge_cost: float = 0.008) -> float:
    return automatic_skin(system, CUTOFF, kT, timestep, edge_cost=edge_cost)


def test_the_faster_atoms_are_the_longer_the_skin():
    assert skin(lattice(), kT=0.3) < skin(lattice(), kT=1.0) < skin(lattice(), kT=3.0)


def test_only_the_distance_of_a_step_counts():
    assert skin(lattice(), kT=4.0, timestep=0.0025) == skin(lattice()) == skin(lattice(mass=4.0), kT=4.0)


def test_dear_edges_shorten_it():
    assert skin(lattice(), edge_cost=0.3) < skin(lattice(), edge_cost=0.03) < skin(lattice())


def test_nobody_crosses_half_of_it_in_one_step():
    """Of ten million speeds; such a step would end the run, however dear a longer skin is."""
    speeds = np.linalg.norm(np.random.default_rng(0).normal(size=(10_000_000, 3)), axis=1)
    assert 0.02 * speeds.max() < skin(lattice(), timestep=0.02, edge_cost=0.6) / 2


def test_order_and_images_of_atoms_do_not_matter():
    system = lattice()
    shuffled = np.random.default_rng(0).permutation(512)
    moved = System(system.positions[shuffled] + 17, system.numbers, system.masses, system.cell, None, system.pbc)
    assert skin(moved) == pytest.approx(skin(system))


@pytest.mark.parametrize("kT", [0.0, 1e6])
def test_it_stays_between_its_limits(kT):
    assert 0.02 * CUTOFF < skin(lattice(pbc=False), kT=kT) < 0.31 * CUTOFF


def test_nothing_to_reach_needs_no_skin():
    assert automatic_skin(lattice(), 0.0, 1.0, 0.005, edge_cost=0.3) == 0
