"""Heat flux: by pairs, by its definition, and of a crystal that moves as a whole."""

import dataclasses

import ase.calculators.lj
import ase.neighborlist
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.neighbors import finder
from mlip_nb.potentials import AbstractGraphPotential, PotentialSpec
from mlip_nb.simulate.heat_flux import check_local, heat_flux


@eqx.filter_jit
def _flux(potential, system, table):
    return heat_flux(potential, system, table)


def flux(potential, system):
    return np.asarray(_flux(potential, system, finder(potential.cutoff, 0.0).allocate(system)))


def moving(name, seed=0, **options):
    """A crystal out of order, on its way; momenta add up to something."""
    system, draws = mlip_nb.load(name, **options), np.random.default_rng(seed)
    places = system.positions + 0.1 * draws.normal(size=system.positions.shape)
    system = dataclasses.replace(system, positions=jnp.asarray(places))
    return system.with_momenta(jnp.asarray(0.3 * draws.normal(size=places.shape)))


@pytest.fixture(scope="module")
def silicon():
    return moving("Si")


@pytest.fixture(scope="module")
def bonds():
    return mlip_nb.potential("stillinger-weber")


def test_pairs_have_the_formula_of_pairs():
    r"""$\sum_i e_i v_i + \frac14 \sum_{ij} F_{ij} \cdot (v_i + v_j)\, r_{ij}$, by ASE's pairs."""
    system, potential = moving("Ar"), mlip_nb.potential("lennard-jones", epsilon=0.01, sigma=3.4, style="truncated")
    first, second, away, distance = ase.neighborlist.neighbor_list("ijDd", mlip_nb.to_ase(system), potential.cutoff)
    power = (3.4 / distance) ** 6
    energies = np.bincount(first, 0.5 * 0.04 * power * (power - 1), len(system.numbers))
    # Of the force on the second atom, along the line from the first to it.
    push = (0.04 * (12 * power**2 - 6 * power) / distance**2)[:, None] * away
    velocities = np.asarray(system.momenta / system.masses[:, None])
    energies += 0.5 * np.sum(np.asarray(system.momenta) * velocities, axis=1)
    by_hand = energies @ velocities
    work = np.sum(push * (velocities[first] + velocities[second]), axis=1)
    by_hand += 0.25 * work @ away
    np.testing.assert_allclose(flux(potential, system), by_hand, rtol=1e-10)


def test_it_is_the_rate_at_which_energy_moves(bonds):
    """Of a cluster without a cell: the derivative in time of all energies times where they are."""
    system = dataclasses.replace(moving("Si"), pbc=(False, False, False), cell=jnp.zeros((3, 3)))
    table = finder(bonds.cutoff, 0.0).allocate(system)
    forces = bonds.evaluate(system).forces

    @jax.jit
    def moment(time):
        places = system.positions + time * system.momenta / system.masses[:, None]
        now = bonds.evaluate(dataclasses.replace(system, positions=places), table)
        kinetic = 0.5 * jnp.sum((system.momenta + time * forces) ** 2, axis=1) / system.masses
        return (now.energies + kinetic) @ places

    step = 1e-3
    expected = (moment(step) - moment(-step)) / (2 * step)
    np.testing.assert_allclose(flux(bonds, system), expected, rtol=1e-6, atol=1e-7)


def test_a_crystal_that_moves_as_a_whole_carries_its_enthalpy(silicon, bonds):
    r"""$J = (E - V\sigma) v$; atoms at rest carry nothing."""
    velocity = np.array([0.02, -0.01, 0.03])
    whole = silicon.with_momenta(jnp.asarray(np.asarray(silicon.masses)[:, None] * velocity))
    here = bonds.evaluate(whole, stress=True)
    energy = float(here.energy) + 0.5 * float(whole.masses.sum()) * velocity @ velocity
    expected = energy * velocity - float(whole.volume) * np.asarray(here.stress) @ velocity
    np.testing.assert_allclose(flux(bonds, whole), expected, rtol=1e-10)
    assert not flux(bonds, silicon.with_momenta(0 * silicon.momenta)).any()


def test_images_and_copies_change_nothing(silicon, bonds):
    """An atom may be told in another cell; two cells carry twice as much."""
    once = flux(bonds, silicon)
    elsewhere = dataclasses.replace(silicon, positions=silicon.positions.at[3].add(silicon.cell[1]))
    np.testing.assert_allclose(flux(bonds, elsewhere), once, rtol=1e-10)
    atoms = mlip_nb.to_ase(silicon).repeat((2, 1, 1))
    np.testing.assert_allclose(flux(bonds, mlip_nb.from_ase(atoms)), 2 * once, rtol=1e-10)


class Rumours(AbstractGraphPotential):
    """Energies of atoms by how crowded their neighbours are."""

    spec: PotentialSpec = eqx.field(static=True)
    cutoff: float = eqx.field(static=True, default=3.0)

    def atomic_energies(self, graph):
        near = jnp.where(graph.mask, jnp.exp(-graph.distances), 0)
        return jnp.sum(near * graph.gather(near.sum(axis=0)), axis=0)


def test_messages_are_refused(silicon, bonds):
    with pytest.raises(InputError, match="stillinger-weber passes messages"):
        check_local(Rumours(bonds.spec), silicon)
    check_local(bonds, silicon)
    outside = mlip_nb.from_calculator(ase.calculators.lj.LennardJones())
    with pytest.raises(InputError, match="has no derivatives of energies of atoms"):
        check_local(outside, silicon)
