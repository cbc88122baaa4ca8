"""Derivatives through the fast path equal plain autodiff of the one method, in both modes and batched."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.neighbors import finder
from mlip_nb.potentials import AbstractGraphPotential, Edges, differentiable
from mlip_nb.system import from_ase

from .examples import SMOOTH, crystal, each, example


def _case(name, folder):
    """Potential, and a function of positions and cell at a table of a sheared crystal; one cotangent for each part."""
    spec = example(name, folder)
    potential, system = spec.build(), from_ase(crystal(spec))
    table = finder(potential.cutoff, 0.3).allocate(system)
    numbers = system.numbers[table.order]
    rng = np.random.default_rng(0)
    atoms = len(numbers)
    weights = [jnp.asarray(rng.normal(size=shape)) for shape in ((atoms,), (3, atoms), (3, 3))]

    def weighed(parts, positions, cell):
        found = parts(Edges(positions, cell, numbers, table))
        return [jnp.sum(weight * part) for weight, part in zip(weights, found, strict=True)]

    return potential, system.positions[table.order].T, system.cell, weighed


def _close(found, expected, tolerance=1e-11):
    for value, reference in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(value, reference, atol=tolerance * max(abs(np.asarray(reference)).max(), 1e-30))


@pytest.mark.parametrize("name", each(SMOOTH, related={*SMOOTH} - {"lennard-jones"}))
def test_reverse_mode_equals_autodiff_of_the_one_method(name, tmp_path):
    """By parameters, positions and cell, of energies of atoms, forces and strain derivative."""
    potential, positions, cell, weighed = _case(name, tmp_path)
    if not isinstance(potential, AbstractGraphPotential):
        pytest.skip("is differentiated as it is written")

    @eqx.filter_jit
    def slopes(parts, potential):
        return eqx.filter_grad(lambda moving: sum(weighed(parts(moving[0]), *moving[1:])))((potential, positions, cell))

    _close(slopes(differentiable, potential), slopes(lambda potential: potential.compute, potential))


def test_single_precision_stays_single():
    """Also of a Hessian times a vector, as phonons ask for."""
    system = from_ase(bulk("Ar", cubic=True)).astype("float32")
    potential = mlip_nb.potential("lennard-jones", precision="float32")
    table = finder(potential.cutoff, 0.3).allocate(system)

    def forces(positions):
        return differentiable(potential)(Edges(positions, system.cell, system.numbers, table))[1]

    positions = system.positions[table.order].T
    change = jax.jit(lambda r: jax.jvp(forces, (r,), (r,))[1])(positions)
    assert change.dtype == "float32"


@pytest.fixture(scope="module")
def noble(tmp_path_factory):
    """Three elements: tables of parameters whose tangents need not be symmetric."""
    return _case("lennard-jones", tmp_path_factory.mktemp("files"))


def test_forward_mode_is_the_transpose_of_reverse_mode(noble):
    """Along a random direction, and forward mode of the one method says the same."""
    potential, positions, cell, weighed = noble
    rng = np.random.default_rng(1)
    parameters, rest = eqx.partition(potential, eqx.is_inexact_array)
    point = (parameters, positions, cell)
    direction = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), point)

    def through(parts):
        return lambda parameters, *where: sum(weighed(parts(eqx.combine(parameters, rest)), *where))

    @jax.jit
    def both(point, direction):
        pushed = jax.jvp(through(differentiable), point, direction)[1]
        plain = jax.jvp(through(lambda potential: potential.compute), point, direction)[1]
        pulled = jax.grad(through(differentiable), argnums=(0, 1, 2))(*point)
        return pushed, plain, pulled

    pushed, plain, pulled = both(point, direction)
    _close(pushed, plain)
    pairs = zip(jax.tree.leaves(pulled), jax.tree.leaves(direction), strict=True)
    _close(sum(np.tensordot(slope, along, along.ndim) for slope, along in pairs), pushed)


@pytest.mark.physics
def test_gradients_are_batched(noble):
    """`vmap` of a gradient, geometries or cotangents alone carrying the new axis, is the gradient of each."""
    potential, positions, cell, weighed = noble
    several = positions + 0.02 * np.random.default_rng(2).normal(size=(3, *positions.shape))

    @jax.jit
    def together(several):
        def gradient(positions):
            return jax.grad(lambda positions: weighed(differentiable(potential), positions, cell)[1])(positions)

        return jax.vmap(gradient)(several), jax.lax.map(gradient, several)

    _close(*together(jnp.asarray(several)))


def test_gradient_can_be_differentiated_once_more(noble):
    """Forward over reverse: the Hessian of a function of forces, against central differences of its gradient."""
    potential, positions, cell, weighed = noble
    along = jnp.asarray(np.random.default_rng(3).normal(size=positions.shape))

    def gradient(positions):
        return jax.grad(lambda positions: weighed(differentiable(potential), positions, cell)[1])(positions)

    bent = jax.jit(lambda: jax.jvp(gradient, (positions,), (along,))[1])()
    at, step = jax.jit(lambda h: gradient(positions + h * along)), 1e-4
    numeric = (8 * (at(step) - at(-step)) - at(2 * step) + at(-2 * step)) / (12 * step)
    _close(bent, numeric, tolerance=1e-6)


def test_calculator_refuses_derivatives(tmp_path):
    potential, positions, cell, weighed = _case("ase", tmp_path)
    with pytest.raises(mlip_nb.InputError, match="cannot be differentiated"):
        jax.grad(lambda positions: weighed(differentiable(potential), positions, cell)[1])(positions)
