"""What holds for every potential: derivatives, symmetries, limits. A new one is tested once it is registered."""

import dataclasses
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from scipy.spatial.transform import Rotation

from mlip_nb.neighbors import finder
from mlip_nb.potentials import AbstractPotential, Edges, Evaluation
from mlip_nb.potentials._base import FastPath, evaluation
from mlip_nb.system import System, from_ase

from .examples import LAWFUL, SMOOTH, crystal, each, example, trimer

SKIN = 0.4


@eqx.filter_jit
def by_autodiff(potential, finder, table, system) -> Evaluation:
    return potential.evaluate(system, finder.update(table, system), stress=True)


@eqx.filter_jit
def by_fast_path(potential, finder, table, system) -> Evaluation:
    return evaluation(potential.measure, system, finder.update(table, system), stress=True)


@dataclass
class Laboratory:
    """A potential and one crystal, with a table that serves all its deformations: one compilation."""

    potential: AbstractPotential
    system: System

    def __post_init__(self):
        self.finder = finder(self.potential.cutoff, SKIN)
        self.table = self.finder.allocate(self.system, spare=1.5)

    def evaluate(self, function=by_autodiff, **changes) -> Evaluation:
        values = {name: jnp.asarray(value, self.system.positions.dtype) for name, value in changes.items()}
        names = tuple(changes)
        system = eqx.tree_at(lambda s: [getattr(s, n) for n in names], self.system, [values[n] for n in names])
        assert not self.finder.update(self.table, system).overflow
        return function(self.potential, self.finder, self.table, system)

    def energy(self, **changes) -> float:
        return float(self.evaluate(**changes).energy)

    @property
    def positions(self) -> np.ndarray:
        return np.array(self.system.positions)

    @property
    def cell(self) -> np.ndarray:
        return np.array(self.system.cell)


@pytest.fixture(scope="module")
def laboratories(tmp_path_factory):
    """One of each, made when first asked for."""
    folder, made = tmp_path_factory.mktemp("files"), {}

    def laboratory(name: str) -> Laboratory:
        if name not in made:
            spec = example(name, folder)
            made[name] = Laboratory(spec.build(), from_ase(crystal(spec)))
        return made[name]

    return laboratory


def slope(function, step: float = 1e-3) -> float:
    """Derivative at zero by central differences of fourth order."""
    near, far = function(step) - function(-step), function(2 * step) - function(-2 * step)
    return (8 * near - far) / (12 * step)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_forces_are_minus_the_gradient(name, laboratories):
    lab = laboratories(name)
    forces = np.array(lab.evaluate().forces)
    unit = np.eye(lab.positions.size).reshape(-1, *lab.positions.shape)
    chosen = np.random.default_rng(0).permutation(len(unit))[:9]
    numeric = [-slope(lambda h, u=u: lab.energy(positions=lab.positions + h * u)) for u in unit[chosen]]
    np.testing.assert_allclose(forces.ravel()[chosen], numeric, atol=1e-6 * abs(forces).max())


@pytest.mark.parametrize("name", each(LAWFUL))
def test_stress_is_the_strain_derivative(name, laboratories):
    lab = laboratories(name)
    stress = np.array(lab.evaluate().stress)
    numeric = np.zeros((3, 3))
    for a, b in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        strain = np.zeros((3, 3))
        strain[a, b] += 0.5
        strain[b, a] += 0.5

        def energy(h, strain=strain):
            deform = np.eye(3) + h * strain
            return lab.energy(positions=lab.positions @ deform, cell=lab.cell @ deform)

        numeric[a, b] = numeric[b, a] = slope(energy, 2e-4) / abs(np.linalg.det(lab.cell))
    np.testing.assert_allclose(stress, numeric, atol=1e-6 * abs(stress).max())
    np.testing.assert_allclose(stress, stress.T, atol=1e-12 * abs(stress).max())


@pytest.mark.parametrize("name", each(LAWFUL))
def test_fast_path_equals_autodiff(name, laboratories):
    lab = laboratories(name)
    if not isinstance(lab.potential, FastPath):
        pytest.skip("has no fast path")
    reference, fast = lab.evaluate(), lab.evaluate(by_fast_path)
    for expected, found in zip(jax.tree.leaves(reference), jax.tree.leaves(fast), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-11 * abs(np.asarray(expected)).max())


@pytest.mark.parametrize("name", each(LAWFUL))
def test_trace_alone_is_that_of_the_strain_derivative(name, laboratories):
    """What an isotropic barostat asks for; forces and energies stay the same."""
    lab = laboratories(name)
    order = lab.table.order
    whole = Edges(lab.system.positions[order].T, lab.system.cell, lab.system.numbers[order], lab.table)
    asked = dataclasses.replace(whole, hydrostatic=True)
    (*expected, tensor), (*found, third) = (eqx.filter_jit(lab.potential.measure)(edges) for edges in (whole, asked))
    np.testing.assert_allclose(jnp.trace(third), jnp.trace(tensor), rtol=1e-12)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_atoms_at_one_place_are_not_overlooked(name, laboratories):
    """The fast path has the energy of the one method, finite or not."""
    lab = laboratories(name)
    if not isinstance(lab.potential, FastPath):
        pytest.skip("has no fast path")
    positions = lab.positions
    positions[1] = positions[0]
    reference, fast = (lab.evaluate(way, positions=positions).energy for way in (by_autodiff, by_fast_path))
    assert np.isfinite(fast) == np.isfinite(reference)
    if np.isfinite(reference):
        np.testing.assert_allclose(fast, reference, rtol=1e-11)
        assert fast > lab.evaluate().energy + 1


@pytest.mark.parametrize("name", each(LAWFUL))
def test_fast_path_changes_with_parameters_as_the_one_method_does(name, laboratories):
    lab = laboratories(name)
    if not isinstance(lab.potential, FastPath):
        pytest.skip("has no fast path")
    parameters, rest = eqx.partition(lab.potential, eqx.is_inexact_array)
    # Each by a share of itself that its value determines: what is symmetric in the species stays so.
    direction = jax.tree.map(lambda leaf: leaf * jnp.cos(leaf + 0.7), parameters)

    def at(function, parameters):
        return function(eqx.combine(parameters, rest), lab.finder, lab.table, lab.system)

    def parts(h):
        moved = jax.tree.map(lambda leaf, along: leaf + h * along, parameters, direction)
        return [np.array(leaf) for leaf in jax.tree.leaves(at(by_autodiff, moved))]

    samples = {h: parts(h) for h in (-4e-4, -2e-4, 2e-4, 4e-4)}
    changes = jax.jvp(lambda p: at(by_fast_path, p), (parameters,), (direction,))[1]
    for index, found in enumerate(jax.tree.leaves(changes)):
        expected = slope(lambda h, index=index: samples[h][index], 2e-4)
        assert abs(expected).max() > 0
        np.testing.assert_allclose(found, expected, atol=1e-6 * abs(expected).max())


@pytest.mark.parametrize("name", each(LAWFUL))
def test_rotation_turns_forces_and_stress(name, laboratories):
    lab = laboratories(name)
    turn = Rotation.random(rng=3).as_matrix()
    before, after = lab.evaluate(), lab.evaluate(positions=lab.positions @ turn, cell=lab.cell @ turn)
    np.testing.assert_allclose(after.energy, before.energy, rtol=1e-12)
    np.testing.assert_allclose(after.forces, before.forces @ turn, atol=1e-10)
    np.testing.assert_allclose(after.stress, turn.T @ before.stress @ turn, atol=1e-11)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_translation_and_wrapping_change_nothing(name, laboratories):
    lab = laboratories(name)
    images = np.random.default_rng(5).integers(-2, 3, lab.positions.shape)
    before, after = lab.evaluate(), lab.evaluate(positions=lab.positions + 1.234 + images @ lab.cell)
    np.testing.assert_allclose(after.energy, before.energy, rtol=1e-12)
    np.testing.assert_allclose(after.forces, before.forces, atol=1e-9)
    np.testing.assert_allclose(after.forces.sum(axis=0), 0, atol=1e-9)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_permutation_permutes(name, laboratories):
    lab = laboratories(name)
    order = np.random.default_rng(4).permutation(len(lab.positions))
    shuffled = (lab.system.positions[order], lab.system.numbers[order])
    system = eqx.tree_at(lambda s: (s.positions, s.numbers), lab.system, shuffled)
    before, after = lab.evaluate(), by_autodiff(lab.potential, lab.finder, lab.table, system)
    np.testing.assert_allclose(after.energy, before.energy, rtol=1e-12)
    np.testing.assert_allclose(after.energies, before.energies[order], atol=1e-10)
    np.testing.assert_allclose(after.forces, before.forces[order], atol=1e-10)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_small_cell_equals_supercell(name, laboratories):
    lab = laboratories(name)
    atoms = Atoms(np.array(lab.system.numbers), lab.positions, cell=lab.cell, pbc=True)
    small, large = lab.evaluate(), lab.potential.evaluate(from_ase(atoms.repeat((2, 1, 3))), stress=True)
    np.testing.assert_allclose(large.energy, 6 * small.energy, rtol=1e-12)
    np.testing.assert_allclose(large.forces, np.tile(small.forces, (6, 1)), atol=1e-10)
    np.testing.assert_allclose(large.stress, small.stress, atol=1e-12)


@pytest.mark.parametrize("name", each(LAWFUL))
def test_float32_agrees(name, laboratories, tmp_path):
    lab = laboratories(name)
    reference = lab.evaluate()
    potential = example(name, tmp_path, precision="float32").build()
    single = by_fast_path(
        potential,
        lab.finder,
        eqx.tree_at(lambda t: t.reference, lab.table, lab.table.reference.astype("float32")),
        lab.system.astype("float32"),
    )
    assert {leaf.dtype for leaf in jax.tree.leaves(single)} == {np.dtype("float32")}
    np.testing.assert_allclose(single.energy, reference.energy, rtol=1e-5)
    np.testing.assert_allclose(single.forces, reference.forces, atol=3e-5 * abs(reference.forces).max())


@pytest.mark.parametrize("name", each(SMOOTH))
def test_hessian_times_vector_is_the_change_of_forces(name, laboratories):
    lab = laboratories(name)
    direction = np.random.default_rng(6).normal(size=lab.positions.shape)

    @eqx.filter_jit
    def product(positions, direction):
        def forces(positions):
            moved = eqx.tree_at(lambda s: s.positions, lab.system, positions)
            return lab.potential.evaluate(moved, lab.table).forces

        return jax.jvp(forces, (positions,), (direction,))[1]

    product = product(lab.system.positions, jnp.asarray(direction))
    numeric = slope(lambda h: np.array(lab.evaluate(positions=lab.positions + h * direction).forces), 3e-4)
    np.testing.assert_allclose(product, numeric, atol=1e-6 * abs(numeric).max())


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory):
    """Energies and forces while a third atom comes from half the cutoff to beyond it."""
    folder, made = tmp_path_factory.mktemp("files"), {}

    def trajectory(name: str, count: int, **parameters):
        key = (name, *parameters.items())
        if key not in made:
            spec = example(name, folder, **parameters)
            made[key] = spec.build(), _mover(spec)
        potential, move = made[key]
        return move(jnp.linspace(0.6, 1.05, count) * potential.cutoff)

    return trajectory


def _mover(spec):
    potential = spec.build()
    system = from_ase(trimer(spec, potential.cutoff, potential.cutoff))
    table = finder(potential.cutoff, potential.cutoff).allocate(system)
    outward = system.positions[2] / jnp.linalg.norm(system.positions[2])

    def at(distance):
        positions = system.positions.at[2].set(distance * outward)
        edges = Edges(positions[table.order].T, system.cell, system.numbers[table.order], table)
        energies, forces, _ = potential.compute(edges)
        return energies.sum(), forces[:, jnp.argsort(table.order)].T

    return jax.jit(lambda distances: jax.lax.map(at, distances))


def is_continuous(coarse, fine) -> bool:
    """The largest change between neighbouring samples shrinks with their distance; a jump does not."""
    first, second = (np.abs(np.diff(np.asarray(values), axis=0)).max() for values in (coarse, fine))
    return bool(second < max(0.3 * first, 1e-12))


@pytest.mark.parametrize("name", each(SMOOTH))
def test_energy_and_forces_are_continuous_at_the_cutoff(name, trajectories):
    coarse, fine = trajectories(name, 300), trajectories(name, 6000)
    assert all(np.isfinite(values).all() for values in fine)
    assert is_continuous(coarse[0], fine[0])
    assert is_continuous(coarse[1], fine[1])


@pytest.mark.parametrize(("style", "energy", "force"), [("truncated", False, False), ("shifted", True, False)])
def test_steps_of_unsmooth_lennard_jones_are_found(style, energy, force, trajectories):
    coarse, fine = (trajectories("lennard-jones", count, style=style) for count in (300, 6000))
    assert is_continuous(coarse[0], fine[0]) is energy
    assert is_continuous(coarse[1], fine[1]) is force


@pytest.mark.parametrize("name", each(SMOOTH))
def test_an_atom_alone_feels_nothing(name, laboratories, tmp_path):
    potential = laboratories(name).potential
    apart = 5 * potential.cutoff
    result = potential.evaluate(from_ase(trimer(example(name, tmp_path), apart, apart)))
    assert np.isfinite(result.energy)
    np.testing.assert_array_equal(result.forces, 0)


@pytest.mark.parametrize("name", each(SMOOTH))
def test_parameters_have_gradients_without_nan(name, laboratories):
    lab = laboratories(name)
    gradient = eqx.filter_jit(eqx.filter_grad(lambda p: p.evaluate(lab.system, lab.table).energy))(lab.potential)
    leaves = jax.tree.leaves(gradient)
    assert leaves
    assert all(np.isfinite(leaf).all() for leaf in leaves)
    assert any(np.any(leaf != 0) for leaf in leaves)
