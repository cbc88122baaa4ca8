"""The machine-learned family: its parts by their laws, and what the suite of all potentials does not ask."""

import dataclasses
import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from jax.experimental import jet
from scipy.integrate import lebedev_rule

from mlip_nb import units
from mlip_nb.errors import InputError, ParameterError
from mlip_nb.neighbors import finder
from mlip_nb.potentials import Edges
from mlip_nb.potentials._harmonics import degrees, harmonics, of_parity
from mlip_nb.potentials._radial import envelope, radial_basis
from mlip_nb.potentials._repulsion import nuclei, repulsion
from mlip_nb.potentials._sphere import product, sphere
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase

SMALL = {"degree": 2, "channels": 4, "hidden": 8, "cutoff": 4.0, "precision": "float64"}
ALLOY = ("Si", "Ge", "C")


def alloy(seed: int = 0) -> Atoms:
    rng = np.random.default_rng(seed)
    atoms = bulk("Si", cubic=True)
    atoms.set_chemical_symbols(rng.choice(ALLOY, len(atoms)))
    atoms.rattle(0.15, rng=rng)
    return atoms


def edges(potential, atoms: Atoms) -> Edges:
    system = from_ase(atoms).astype(potential.spec.state_precision)
    table = finder(potential.cutoff, 0.3).allocate(system)
    return Edges(system.positions[table.order].T, system.cell, system.numbers[table.order], table)


def graph(potential, atoms: Atoms):
    around = edges(potential, atoms)
    return potential.graph(around, jnp.stack(around.vectors()))


def mixed(graph, sites):
    return dataclasses.replace(graph, species=sites)


@pytest.fixture(params=[1, 2], ids=["one layer", "two layers"])
def potential(request):
    return GauntSpec(symbols=ALLOY, layers=request.param, **SMALL).build()


def test_harmonics_are_orthonormal_and_obey_the_addition_theorem():
    points, weights = lebedev_rule(15)
    values = np.asarray(harmonics(list(jnp.asarray(points)), 5))
    np.testing.assert_allclose(values * weights @ values.T / weights.sum(), np.eye(36), atol=1e-12)
    for degree in range(6):
        row = np.array(degrees(5)) == degree
        np.testing.assert_allclose((values[row] ** 2).sum(axis=0), 2 * degree + 1, rtol=1e-12)


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
def test_products_on_the_grid_are_exact(degree):
    to_points, from_points = sphere(degree)
    np.testing.assert_allclose(from_points @ to_points, np.eye((degree + 1) ** 2), atol=1e-12)
    one, other = np.random.default_rng(0).normal(size=(2, (degree + 1) ** 2))
    points, weights = lebedev_rule(31)
    fine = np.asarray(harmonics(list(jnp.asarray(points)), degree))
    exact = fine * weights @ ((one @ fine) * (other @ fine)) / weights.sum()
    np.testing.assert_allclose(from_points @ ((to_points @ one) * (to_points @ other)), exact, atol=1e-11)
    halves = [tuple(jnp.asarray(f[own, None, None]) for own in of_parity(degree)) for f in (one, other)]
    np.testing.assert_allclose(np.concatenate(product(*halves, degree))[:, 0, 0], exact, atol=1e-11)


@pytest.mark.parametrize("flat", [4, 6])
def test_the_envelope_has_a_fourfold_zero_and_a_flat_beginning(flat):
    def derivatives(x):
        value, rest = jet.jet(lambda x: envelope(x, flat), (x,), ((1.0, 0.0, 0.0),))
        return np.array([value, *rest])

    gap = 1e-3
    inside = derivatives(1 - gap)
    assert (np.abs(inside) < 1e4 * gap ** np.array([4, 3, 2, 1])).all()
    assert inside[3] != 0
    assert (derivatives(1 + gap) == 0).all()
    np.testing.assert_allclose(derivatives(gap), [1, 0, 0, 0], atol=1e5 * gap ** (flat - 3))


def test_radial_functions_are_independent_and_end_at_the_cutoff():
    r = jnp.linspace(1.5, 4.0, 400)
    basis = np.asarray(radial_basis(r**2, cutoff=4.0, length=2.3, functions=8))
    assert np.linalg.matrix_rank(basis, tol=1e-6 * np.linalg.norm(basis)) == 8
    assert (basis[:, -1] == 0).all()


def test_close_nuclei_repel_by_their_bare_charges():
    r = jnp.array([1e-5, 1e-4, 0.5, 1.0, 1.5])
    pair = nuclei(np.array([14.0, 32.0]), np.array([0.6, 0.8]))
    here, there = (jnp.broadcast_to(jnp.asarray(one)[:, None], (3, len(r))) for one in pair.T)
    energies = np.asarray(repulsion(r, here, there))
    np.testing.assert_allclose(energies[:2] * r[:2], units.COULOMB * 14 * 32, rtol=3e-3)
    assert (np.diff(energies) < 0).all()
    assert energies[-1] == 0


def test_a_pure_site_is_a_mixture_of_one(potential):
    ordinary = graph(potential, alloy())
    sites = jax.nn.one_hot(ordinary.species, len(ALLOY), dtype=float, axis=0)
    np.testing.assert_allclose(
        potential.atomic_energies(mixed(ordinary, sites)), potential.atomic_energies(ordinary), atol=1e-10
    )


@pytest.mark.physics
def test_one_element_is_the_same_as_a_weight_of_one():
    single = GauntSpec(symbols=("Si",), layers=2, **SMALL).build()
    ordinary = graph(single, bulk("Si", cubic=True))
    sites = jnp.ones((1, len(ordinary.species)))
    np.testing.assert_allclose(
        single.atomic_energies(mixed(ordinary, sites)), single.atomic_energies(ordinary), atol=1e-10
    )


def test_energies_follow_the_composition_of_a_site_smoothly(potential):
    ordinary = graph(potential, alloy())
    sites = jax.nn.one_hot(ordinary.species, len(ALLOY), dtype=float, axis=0)

    def energy(share):
        towards = sites.at[:, 0].set(jnp.array([1 - share, share, 0.0]))
        return potential.atomic_energies(mixed(ordinary, towards)).sum()

    slope, step = jax.grad(energy)(0.4), 1e-4
    np.testing.assert_allclose(slope, (energy(0.4 + step) - energy(0.4 - step)) / (2 * step), rtol=1e-6)


def test_energies_are_linear_in_the_features(potential):
    ordinary = graph(potential, alloy())
    features = potential.features(ordinary)
    assert features.shape == (8 * potential.spec.layers, 8)
    doubled = eqx.tree_at(lambda p: p.readout, potential, 2 * potential.readout)
    alone = np.stack([potential.features(graph(potential, Atoms(symbol)))[:, 0] for symbol in ALLOY], axis=1)
    learned = jnp.sum((features - alone[:, ordinary.species]) * potential.readout[:, ordinary.species], axis=0)
    change = doubled.atomic_energies(ordinary) - potential.atomic_energies(ordinary)
    np.testing.assert_allclose(change, potential.scale * learned, rtol=1e-9, atol=1e-12)


def test_isolated_atoms_have_the_energy_they_are_given(potential):
    given = eqx.tree_at(lambda p: p.isolated, potential, jnp.array([-1.0, -2.0, -3.0]))
    for symbol, energy in zip(ALLOY, (-1, -2, -3), strict=True):
        np.testing.assert_allclose(given.atomic_energies(graph(given, Atoms(symbol))), energy, atol=1e-12)


@pytest.mark.physics
def test_blocks_of_atoms_give_what_autodiff_gives(potential):
    atoms = alloy().repeat((3, 3, 3))
    atoms.rattle(0.05, seed=3)
    around = edges(potential, atoms)
    parts = [
        eqx.filter_jit(lambda p, e, name=name: getattr(p, name)(e))(potential, around)
        for name in ("fast_compute", "compute")
    ]
    for fast, slow in zip(*parts, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("symbols", "layers"),
    [
        pytest.param(ALLOY, 1, id="alloy", marks=pytest.mark.physics),
        pytest.param(ALLOY, 2, id="two layers", marks=pytest.mark.physics),
        pytest.param(("Si",), 1, id="single"),
    ],
)
def test_a_committee_is_the_mean_of_its_members(symbols, layers):
    committee = GauntSpec(symbols=symbols, layers=layers, members=3, weight_seed=5, **SMALL).build()
    atoms = alloy() if symbols is ALLOY else bulk("Si", cubic=True).repeat((3, 3, 2))
    atoms.rattle(0.05, seed=1)
    around = edges(committee, atoms)
    compute = eqx.filter_jit(lambda p, e: p.compute(e))
    alone = [compute(committee.spec.of_member(index).build(), around) for index in range(3)]
    each = eqx.filter_jit(lambda p, e: p.measure_each(e))(committee, around)
    mean = eqx.filter_jit(lambda p, e: p.measure(e))(committee, around)
    for index, parts in enumerate(zip(each, mean, compute(committee, around), *alone, strict=True)):
        separate, fast, slow, *expected = (np.asarray(part) for part in parts)
        np.testing.assert_allclose(separate, expected, rtol=1e-8, atol=1e-8, err_msg=str(index))
        np.testing.assert_allclose(fast, np.mean(expected, axis=0), rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(slow, np.mean(expected, axis=0), rtol=1e-8, atol=1e-8)


def test_members_can_be_taken_from_a_committee():
    committee = GauntSpec(symbols=ALLOY, members=3, **SMALL).build()
    taken, made = committee.member(2), committee.spec.of_member(2).build()
    assert taken.fingerprint == made.fingerprint


@pytest.mark.physics
def test_third_derivatives_are_those_of_the_second(potential):
    """Also while the third atom crosses the cutoff of the first."""
    around = edges(potential, Atoms("SiGeC", [[0, 0, 0], [0, 2.0, 0], [3.9, 0.0, 0]]))
    column = int(jnp.argmax(around.numbers == 6))

    def energy(x):
        moved = dataclasses.replace(around, positions=around.positions.at[0, column].set(x))
        return potential.atomic_energies(potential.graph(moved, jnp.stack(moved.vectors()))).sum()

    second = jax.jit(jax.vmap(jax.grad(jax.grad(energy))))
    places, step = jnp.array([3.9, 3.9999999, 4.0000001, 4.01]), 2e-4
    differences = (
        8 * (second(places + step) - second(places - step)) - second(places + 2 * step) + second(places - 2 * step)
    )
    third = jax.jit(jax.vmap(jax.grad(jax.grad(jax.grad(energy)))))(places)
    np.testing.assert_allclose(third, differences / (12 * step), rtol=1e-4, atol=1e-3)
    assert abs(third[0]) > 0.01


@pytest.mark.parametrize("cutoff", [1.7, 3.0, 3.9])
def test_short_cutoffs_have_finite_weights_and_an_energy_that_ends_there(cutoff):
    short = GauntSpec(symbols=("Cs",), **(SMALL | {"cutoff": cutoff})).build()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(short))
    inside, outside = (
        short.evaluate(from_ase(Atoms("Cs2", [[0, 0, 0], [cutoff + shift, 0, 0]]))).energy for shift in (-1e-6, 1e-6)
    )
    np.testing.assert_allclose(inside, outside, atol=1e-9)


def test_sizes_fill_in_what_is_not_given():
    assert GauntSpec(symbols=("Si",), size="large").layers == 2
    assert GauntSpec(symbols=("Si",), size="large", layers=1).layers == 1
    sizes = [
        sum(leaf.size for leaf in jax.tree.leaves(GauntSpec(symbols=("Si",), size=size).build()))
        for size in ("small", "medium", "large")
    ]
    assert all(one < other for one, other in itertools.pairwise(sizes))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"symbols": ("Xx",)}, "'Xx' is no element"),
        ({"symbols": ("Si", "Si")}, "named twice"),
        ({"symbols": ("Si",), "cores": (1.0, 2.0)}, "2 cores for 1 elements"),
        ({"symbols": ("Si",), "cores": (3.0,)}, "beyond the cutoff"),
        ({"symbols": ("Si",), "channels": 2_000_000_000}, "4096"),
        ({"symbols": ("Si",), "channels": 3}, "multiple of 2"),
    ],
)
def test_what_cannot_be_built_is_refused(wrong, told):
    with pytest.raises(ParameterError, match=told):
        GauntSpec(**wrong)


def test_without_elements_there_is_nothing_to_build():
    with pytest.raises(InputError, match="at least one element"):
        GauntSpec().build()
