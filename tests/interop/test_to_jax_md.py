"""Our potentials in plain scripts of jax_md."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from jax_md import minimize, quantity, simulate, space

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.system import System, from_ase
from mlip_nb.units import FEMTOSECOND, KELVIN


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.potential("stillinger-weber", species="Si")


@pytest.fixture(scope="module")
def system() -> System:
    """Sheared, every atom off its site, smaller than nearest images allow: jax_md alone could not do it."""
    atoms = bulk("Si", cubic=True)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.05 * np.triu(np.ones((3, 3)), 1)), scale_atoms=True)
    atoms.rattle(0.1, seed=1)
    return from_ase(atoms)


@pytest.fixture(scope="module")
def reference(silicon, system):
    return silicon.evaluate(system, stress=True)


@pytest.mark.parametrize("fractional", [False, True])
def test_energy_gradient_and_stress_are_ours(fractional, silicon, system, reference):
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system, fractional_coordinates=fractional)
    R = system.positions @ jnp.linalg.inv(system.cell) if fractional else system.positions
    neighbor = neighbor_fn.allocate(R)
    value, gradient = jax.jit(jax.value_and_grad(energy_fn))(R, neighbor)
    np.testing.assert_allclose(value, reference.energy, rtol=1e-12)
    np.testing.assert_allclose(gradient, -reference.forces, atol=1e-12 * abs(reference.forces).max())
    np.testing.assert_allclose(
        quantity.force(energy_fn)(R, neighbor=neighbor), reference.forces, atol=1e-12 * abs(reference.forces).max()
    )
    strained = jax.grad(lambda strain: energy_fn(R, neighbor, perturbation=jnp.eye(3) + strain))(jnp.zeros((3, 3)))
    np.testing.assert_allclose(strained / system.volume, reference.stress, atol=1e-12 * abs(reference.stress).max())


def test_lennard_jones_too_and_its_box_is_jax_mds(system):
    """In fractional coordinates a new box strains the atoms: its derivative is the strain derivative."""
    argon = mlip_nb.potential("lennard-jones", epsilon=0.3, sigma=2.0, cutoff=4.0)
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(argon, system, fractional_coordinates=True)
    R = system.positions @ jnp.linalg.inv(system.cell)
    neighbor = neighbor_fn.allocate(R)
    by_box = jax.jit(jax.grad(lambda box: energy_fn(R, neighbor, box=box)))(system.cell.T)
    reference = argon.evaluate(system, stress=True)
    np.testing.assert_allclose(
        by_box @ system.cell / system.volume, reference.stress, atol=1e-12 * abs(reference.stress).max()
    )


def test_forces_have_derivatives(silicon, system):
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system)
    neighbor = neighbor_fn.allocate(system.positions)
    direction = jax.random.normal(jax.random.key(0), system.positions.shape)
    force = jax.jit(lambda h: quantity.force(energy_fn)(system.positions + h * direction, neighbor=neighbor))
    _, tangent = jax.jit(lambda h: jax.jvp(force, (h,), (1.0,)))(0.0)
    numeric = (force(1e-4) - force(-1e-4)) / 2e-4
    np.testing.assert_allclose(tangent, numeric, atol=1e-5 * abs(numeric).max())


def script(silicon, system, fractional: bool, steps: int, timestep: float = 1.0):
    """A script of jax_md as its documentation writes them; total energies, and the last state."""
    displacement, shift = space.periodic_general(system.cell.T, fractional_coordinates=fractional)
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system, fractional_coordinates=fractional, skin=0.3)
    R = system.positions @ jnp.linalg.inv(system.cell) if fractional else system.positions
    init, apply = simulate.nve(energy_fn, shift, timestep * FEMTOSECOND)
    neighbor = neighbor_fn.allocate(R)
    state = init(jax.random.PRNGKey(0), R, 900 * KELVIN, mass=system.masses[:, None], neighbor=neighbor)

    @jax.jit
    def step(carry, _):
        state, neighbor = carry
        neighbor = neighbor.update(state.position)
        state = apply(state, neighbor=neighbor)
        total = energy_fn(state.position, neighbor) + quantity.kinetic_energy(momentum=state.momentum, mass=state.mass)
        return (state, neighbor), total

    (state, neighbor), totals = jax.lax.scan(step, (state, neighbor), None, length=steps)
    return totals, state, neighbor


@pytest.mark.physics
def test_a_script_of_jax_md_conserves_the_energy_of_our_silicon(silicon, system):
    """Second order: half the timestep, a quarter of the fluctuation; atoms cross the cell and the list is renewed."""
    coarse, state, neighbor = script(silicon, system, True, 100)
    fine, *_ = script(silicon, system, True, 200, 0.5)
    assert not neighbor.did_buffer_overflow
    assert np.any(neighbor.reference_position != system.positions @ jnp.linalg.inv(system.cell))
    fluctuation = [np.std(values) for values in (coarse, fine)]
    assert fluctuation[0] < 2e-3
    assert fluctuation[0] / fluctuation[1] == pytest.approx(4, abs=0.6)


@pytest.mark.physics
def test_fire_of_jax_md_finds_the_crystal(silicon):
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.1, seed=1)
    system = from_ase(atoms)
    _, shift = space.periodic(atoms.cell.lengths()[0])
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system)
    neighbor = neighbor_fn.allocate(system.positions)
    init, apply = minimize.fire_descent(energy_fn, shift, dt_start=0.5 * FEMTOSECOND, dt_max=4 * FEMTOSECOND)
    state = init(system.positions, mass=system.masses[:, None], neighbor=neighbor)

    def step(_, carry):
        state, neighbor = carry
        neighbor = neighbor.update(state.position)
        return apply(state, neighbor=neighbor), neighbor

    state, neighbor = jax.jit(lambda carry: jax.lax.fori_loop(0, 400, step, carry))((state, neighbor))
    assert energy_fn(state.position, neighbor) / 8 == pytest.approx(-4.3366, abs=1e-5)


def test_a_list_that_does_not_fit_says_so_until_it_is_allocated_anew(silicon, system):
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system, fractional_coordinates=True)
    R = system.positions @ jnp.linalg.inv(system.cell)
    neighbor = neighbor_fn.allocate(R)
    assert not neighbor.did_buffer_overflow
    crowded = neighbor.update(R, box=0.6 * system.cell.T)
    assert crowded.did_buffer_overflow
    assert crowded.update(R).did_buffer_overflow
    roomy = neighbor_fn.allocate(R, extra_capacity=5)
    assert roomy.max_occupancy >= neighbor.max_occupancy + 5
    assert energy_fn(R, roomy) == pytest.approx(float(energy_fn(R, neighbor)), rel=1e-12)


def test_the_list_reads_like_one_of_jax_md(silicon):
    system = from_ase(bulk("Si", cubic=True).repeat(2))
    neighbor_fn, _ = mlip_nb.to_jax_md(silicon, system, skin=0.1)
    neighbor = neighbor_fn.allocate(system.positions)
    displacement, _ = space.periodic_general(system.cell.T, fractional_coordinates=False)
    i, k = np.nonzero(neighbor.idx < len(system.numbers))
    assert len(i) == 64 * (4 + 12)
    away = jax.vmap(displacement)(system.positions[i], system.positions[neighbor.idx[i, k]])
    assert np.linalg.norm(away, axis=1).max() < silicon.cutoff + 0.1
    assert neighbor.format.name == "Dense"


def test_what_is_not_covered_or_understood_is_refused(silicon, system):
    with pytest.raises(InputError, match="covers Si"):
        mlip_nb.to_jax_md(silicon, from_ase(bulk("Cu", cubic=True)))
    neighbor_fn, energy_fn = mlip_nb.to_jax_md(silicon, system)
    with pytest.raises(InputError, match="new_box"):
        energy_fn(system.positions, neighbor_fn.allocate(system.positions), new_box=system.cell)
