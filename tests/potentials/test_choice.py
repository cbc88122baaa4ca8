"""Specifications: what they refuse, what they cover, and which one is taken by default."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.neighbors import CellList
from mlip_nb.potentials import announcement, default_potential, listing, potentials
from mlip_nb.potentials._base import Graph
from mlip_nb.system import from_ase

from .examples import DIFFERENTIABLE, NAMES, crystal, example


@pytest.mark.parametrize(
    ("symbols", "name", "species"),
    [
        ("Si", "mlip-Si", ("Si",)),
        ("SiGe", "stillinger-weber", ("Si", "Ge")),
        ("SiC", "tersoff", ("C", "Si")),
        ("C", "tersoff", ("C",)),
        ("CuAu", "sutton-chen", ("Cu", "Au")),
        ("ArKr", "lennard-jones", ("Ar", "Kr")),
    ],
)
def test_the_default_covers_the_elements_present_and_no_others(symbols, name, species):
    atoms = Atoms(symbols)
    atoms.positions[:, 0] = 3 * np.arange(len(atoms))
    spec = default_potential(from_ase(atoms))
    assert (spec.registered_name, spec.elements) == (name, species)
    assert name in announcement(spec)
    assert "\n" not in announcement(spec)


@pytest.mark.parametrize(("symbols", "told"), [("FeO", "Fe with O"), ("AuSi", "Au with Si"), ("CGe", "C with Ge")])
def test_elements_nobody_covers_are_an_error_that_says_what_to_do(symbols, told):
    with pytest.raises(InputError, match=f"(?s){told}.*--calculator.*--file"):
        default_potential(from_ase(Atoms(symbols, [[0, 0, 0], [2, 0, 0]])))


def test_a_foreign_element_is_told_with_what_covers_it():
    with pytest.raises(InputError, match="tersoff covers.*the system has Cu.*sutton-chen"):
        mlip_nb.potential("tersoff").evaluate(from_ase(bulk("Cu")))
    with pytest.raises(InputError, match="not C with Ge"):
        mlip_nb.potential("tersoff").evaluate(from_ase(Atoms("CGe", [[0, 0, 0], [2, 0, 0]])))


def test_a_cell_shorter_than_the_cutoff_without_images_is_refused():
    with pytest.raises(InputError, match="lattice vector a .* shorter than the cutoff"):
        mlip_nb.potential("lennard-jones").evaluate(from_ase(Atoms("Ar", cell=(5, 50, 50))))


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("lennard-jones", {"epsilon": 1.0}, "come together"),
        ("lennard-jones", {"epsilon": -1.0, "sigma": 1.0}, "epsilon: .*greater than 0"),
        ("lennard-jones", {"epsilon": 1.0, "sigma": 1.0, "species": "Ar"}, "one or the other"),
        ("lennard-jones", {"cutoff": 0}, "cutoff: .*greater than 0"),
        ("lennard-jones", {"style": "cut"}, "style"),
        ("morse", {"depth": 1.0, "alpha": 1.0}, "come together"),
        ("morse", {"element": "He"}, "element"),
        ("tersoff", {"species": ("Si", "Xx")}, "no parameters for Xx; known: C, Si, Ge"),
        ("stillinger-webber", {}, "Did you mean 'stillinger-weber'"),
    ],
)
def test_bad_parameters_are_explained(name, parameters, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.potential(name, **parameters)


@pytest.mark.parametrize("name", NAMES)
def test_description_builds_the_same_potential(name, tmp_path):
    spec = example(name, tmp_path)
    again = potentials.build(spec.describe())
    assert again == spec
    assert again.build().fingerprint == spec.build().fingerprint
    assert example(name, tmp_path, precision="float32").build().fingerprint != spec.build().fingerprint


def test_listing_tells_elements_origin_and_licence_of_all():
    rows = {row.name: row for row in listing()}
    assert list(rows) == list(potentials)
    assert all(row.elements and row.origin and row.licence and row.summary for row in rows.values())
    assert [name for name in NAMES if rows[name].differentiable] == DIFFERENTIABLE


def test_units_are_read():
    assert mlip_nb.potential("lennard-jones", epsilon="1 kJ/mol", sigma="0.34nm").sigma.item() == pytest.approx(3.4)


def test_gather_has_the_derivative_of_a_plain_gather(tmp_path):
    spec = example("stillinger-weber", tmp_path)
    system = from_ase(crystal(spec))
    table = CellList(4.0, 0.5).allocate(system)
    vectors = jnp.stack(table.displacements(system.positions[table.order].T, system.cell))
    mask = table.used() & (jnp.sum(vectors**2, axis=0) < 16)
    graph = Graph(vectors, table.others, table.reverse, mask, jnp.zeros_like(table.order))
    weights = jnp.asarray(np.random.default_rng(0).normal(size=(2, *mask.shape)))
    values = jnp.asarray(np.random.default_rng(1).normal(size=(2, mask.shape[1])))

    def total(gather, values):
        return jnp.sum(jnp.where(mask, weights * jnp.sin(gather(values)), 0))

    def plain(values):
        return values[:, table.others]

    ours, theirs = (lambda v, g=g: total(g, v) for g in (graph.gather, plain))
    np.testing.assert_allclose(graph.gather(values), plain(values))
    np.testing.assert_allclose(*(jax.jit(jax.grad(f))(values) for f in (ours, theirs)), atol=1e-13)
    along = jnp.ones_like(values)
    products = [jax.jit(lambda v, f=f: jax.jvp(jax.grad(f), (v,), (along,))[1])(values) for f in (ours, theirs)]
    np.testing.assert_allclose(*products, atol=1e-13)
    twice = [jax.jit(jax.grad(lambda v, f=f: jnp.sum(jax.grad(f)(v) ** 2)))(values) for f in (ours, theirs)]
    np.testing.assert_allclose(*twice, atol=1e-12)
