"""jax_md's energies as our potentials."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from jax_md import energy, partition, space

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.system import System, from_ase

SIGMA, EPSILON, ONSET, CUTOFF = 2.3, 0.3, 1.5, 1.8
"""Lengths of the switch in units of sigma, as jax_md wants them."""
PARAMETERS = {"sigma": SIGMA, "epsilon": EPSILON, "r_onset": ONSET, "r_cutoff": CUTOFF}
DOUBLE = {name: jnp.asarray(np.float64(value)) for name, value in PARAMETERS.items()}
"""jax_md rounds Python's numbers to single precision."""


@pytest.fixture(scope="module")
def copper() -> Atoms:
    """A sheared crystal, wide enough for nearest images."""
    atoms = bulk("Cu", cubic=True).repeat(3)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.05 * np.triu(np.ones((3, 3)), 1)), scale_atoms=True)
    atoms.rattle(0.1, seed=1)
    return atoms


@pytest.fixture(scope="module")
def by_name():
    return mlip_nb.potential("jax-md", energy="lennard_jones_neighbor_list", **PARAMETERS)


@pytest.fixture(scope="module")
def reference(by_name, copper):
    return by_name.evaluate(from_ase(copper), stress=True)


def test_the_energy_is_the_sum_that_jax_md_documents(reference, by_name, copper):
    onset, cutoff = ONSET * SIGMA, CUTOFF * SIGMA
    assert by_name.cutoff == pytest.approx(cutoff, rel=1e-12)
    i, r = neighbor_list("id", copper, cutoff)
    switch = (cutoff**2 - r**2) ** 2 * (cutoff**2 + 2 * r**2 - 3 * onset**2) / (cutoff**2 - onset**2) ** 3
    pairs = 2 * EPSILON * ((SIGMA / r) ** 12 - (SIGMA / r) ** 6) * np.where(r < onset, 1, switch)
    np.testing.assert_allclose(reference.energies, np.bincount(i, pairs), rtol=1e-10)


@pytest.fixture(scope="module")
def cluster() -> Atoms:
    """Everybody within the onset of everybody: the switch is silent, and jax_md's form is the plain one."""
    places = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * 2.25
    atoms = Atoms("Ar8", places)
    atoms.rattle(0.05, seed=3)
    return atoms


NATIVE = {"epsilon": EPSILON, "sigma": 2.0, "cutoff": 5.0, "style": "truncated"}
THEIRS = {"epsilon": EPSILON, "sigma": 2.0, "r_onset": 2.4, "r_cutoff": 2.5}


@pytest.mark.parametrize("name", ["lennard_jones_neighbor_list", "lennard_jones_pair"])
def test_below_the_onset_it_is_our_own_lennard_jones(name, cluster):
    ours = mlip_nb.potential("lennard-jones", **NATIVE).evaluate(from_ase(cluster))
    theirs = mlip_nb.potential("jax-md", energy=name, **THEIRS).evaluate(from_ase(cluster))
    np.testing.assert_allclose(theirs.energies, ours.energies, rtol=1e-10)
    np.testing.assert_allclose(theirs.forces, ours.forces, atol=1e-10 * abs(ours.forces).max())


def test_our_dynamics_with_their_energy_is_our_dynamics(cluster):
    md = mlip_nb.MD(steps=40, timestep=2.0, every=10, ensemble=mlip_nb.NVE(temperature=20))
    runs = [
        md.run(from_ase(cluster), mlip_nb.potential("lennard-jones", **NATIVE)),
        md.run(from_ase(cluster), mlip_nb.potential("jax-md", energy="lennard_jones_neighbor_list", **THEIRS)),
    ]
    ours, theirs = (run.positions.values for run in runs)
    assert abs(ours[-1] - ours[0]).max() > 0.02
    np.testing.assert_allclose(theirs, ours, atol=1e-9)


def test_stillinger_weber_agrees_but_for_what_jax_md_adds_to_lengths():
    """Its cosines divide by lengths plus 1e-7."""
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.1, seed=1)
    system = from_ase(atoms)
    ours = mlip_nb.potential("stillinger-weber", species="Si").evaluate(system, stress=True)
    theirs = mlip_nb.potential("jax-md", energy="stillinger_weber_neighbor_list", epsilon=2.1683)
    theirs = theirs.evaluate(system, stress=True)
    np.testing.assert_allclose(theirs.energy, ours.energy, rtol=1e-8)
    np.testing.assert_allclose(theirs.forces, ours.forces, atol=1e-7 * abs(ours.forces).max())
    np.testing.assert_allclose(theirs.stress, ours.stress, atol=2e-7 * abs(ours.stress).max())


def bound(system: System, layout, *, fractional: bool):
    displacement, _ = space.periodic_general(system.cell.T, fractional_coordinates=fractional)
    return energy.lennard_jones_neighbor_list(
        displacement,
        system.cell.T,
        format=layout,
        fractional_coordinates=fractional,
        disable_cell_list=True,
        **DOUBLE,
    )


@pytest.mark.filterwarnings("ignore:scatter inputs have incompatible types:FutureWarning")
@pytest.mark.parametrize(
    ("layout", "fractional"),
    [
        (partition.OrderedSparse, False),
        pytest.param(partition.Dense, True, marks=pytest.mark.physics),
        pytest.param(partition.Sparse, False, marks=pytest.mark.physics),
    ],
)
def test_functions_already_bound_are_the_same_potential(layout, fractional, reference, copper):
    system = from_ase(copper)
    functions = bound(system, layout, fractional=fractional)
    potential = mlip_nb.from_jax_md(*functions, system, cutoff=CUTOFF * SIGMA, fractional_coordinates=fractional)
    found = potential.evaluate(system, stress=True)
    np.testing.assert_allclose(found.energy, reference.energy, rtol=1e-10)
    np.testing.assert_allclose(found.forces, reference.forces, atol=1e-10 * abs(reference.forces).max())
    np.testing.assert_allclose(found.stress, reference.stress, atol=1e-10 * abs(reference.stress).max())


@pytest.mark.physics
@pytest.mark.filterwarnings("ignore:scatter inputs have incompatible types:FutureWarning")
def test_functions_already_bound_follow_the_cell_or_give_no_number(by_name, copper):
    straight = copper.copy()
    straight.set_cell(np.diag(np.diag(copper.cell.array)), scale_atoms=True)
    system = from_ase(straight)
    wide = straight.copy()
    wide.set_cell(1.02 * straight.cell.array, scale_atoms=True)
    following, _ = space.periodic_general(system.cell.T, fractional_coordinates=False)
    fixed, _ = space.periodic(jnp.diag(system.cell))
    for displacement, follows in ((following, True), (fixed, False)):
        functions = energy.lennard_jones_neighbor_list(
            displacement, jnp.diag(system.cell), disable_cell_list=True, **DOUBLE
        )
        potential = mlip_nb.from_jax_md(*functions, system, cutoff=CUTOFF * SIGMA)
        found = potential.evaluate(from_ase(wide)).energy
        assert np.isfinite(potential.evaluate(system).energy)
        expected = by_name.evaluate(from_ase(wide)).energy
        assert found == pytest.approx(float(expected), rel=1e-10) if follows else np.isnan(found)


@pytest.mark.physics
@pytest.mark.filterwarnings("ignore:scatter inputs have incompatible types:FutureWarning")
def test_functions_already_bound_are_tried_out_first(copper):
    system = from_ase(copper)
    functions = bound(system, partition.Dense, fractional=False)
    with pytest.raises(InputError, match="within a cutoff of 3 Å the energy is"):
        mlip_nb.from_jax_md(*functions, system, cutoff=3.0)
    with pytest.raises(InputError, match="does not know this cell"):
        mlip_nb.from_jax_md(None, lambda R: jnp.sum(R**2), system, cutoff=4.0)
    with pytest.raises(InputError, match="not that in real space"):
        mlip_nb.from_jax_md(
            None, lambda R, box: jnp.sum(jnp.sin(2 * jnp.pi * R)), system, cutoff=4.0, fractional_coordinates=True
        )
    potential = mlip_nb.from_jax_md(*functions, system, cutoff=CUTOFF * SIGMA)
    with pytest.raises(InputError, match="repeat the cell"):
        potential.evaluate(from_ase(bulk("Cu", cubic=True)))
    with pytest.raises(InputError, match="handed over as an object"):
        potential.spec.build()
    other = mlip_nb.from_jax_md(*functions, system, cutoff=CUTOFF * SIGMA)
    assert other.fingerprint != potential.fingerprint


def embedded(displacement, box_size, depth=1.0, cutoff=3.2, *, neighbor_list_fn=partition.neighbor_list):
    """An energy of one's own: the square root of a density in which an atom counts itself."""
    neighbor_fn = neighbor_list_fn(displacement, box_size, cutoff, format=partition.Sparse, mask_self=False)
    metric = space.map_bond(space.metric(displacement))

    def energy_fn(R, neighbor, **kwargs):
        receivers, senders = neighbor.idx
        r = metric(R[receivers], R[senders])
        share = jnp.where((receivers < len(R)) & (r < cutoff), (1 - (r / cutoff) ** 2) ** 3, 0)
        return -depth * jnp.sqrt(jax.ops.segment_sum(share, receivers, len(R)))

    return neighbor_fn, energy_fn


def test_a_function_of_ones_own_in_a_cell_too_small_for_nearest_images():
    atoms = bulk("Cu")
    atoms.rattle(0.1, seed=2)
    potential = mlip_nb.from_jax_md_maker(embedded, depth=0.7)
    assert potential.cutoff == 3.2
    i, r = neighbor_list("id", atoms, 3.2)
    density = 1 + np.bincount(i, (1 - (r / 3.2) ** 2) ** 3)
    np.testing.assert_allclose(potential.evaluate(from_ase(atoms)).energies, -0.7 * np.sqrt(density), rtol=1e-10)
    again = mlip_nb.potential("jax-md", energy=f"{__name__}:embedded", depth=0.7)
    assert again.fingerprint == potential.fingerprint


def test_species_by_name_and_units_of_energy(cluster):
    mixed = cluster.copy()
    mixed.set_chemical_symbols(["Ar", "Kr"] * 4)
    tables = {"sigma": [[2.0, 2.1], [2.1, 2.2]], "epsilon": [[0.3, 0.4], [0.4, 0.5]], "r_onset": 2.0, "r_cutoff": 2.2}
    name = {"energy": "lennard_jones_neighbor_list", "species": ["Ar", "Kr"]}
    found = mlip_nb.potential("jax-md", **name, **tables).evaluate(from_ase(mixed)).energy
    i, j, r = neighbor_list("ijd", mixed, 4.4)
    kind = mixed.numbers // 30
    sigma, epsilon = (np.array(tables[key])[kind[i], kind[j]] for key in ("sigma", "epsilon"))
    np.testing.assert_allclose(found, 2 * (epsilon * ((sigma / r) ** 12 - (sigma / r) ** 6)).sum(), rtol=1e-10)
    calories = mlip_nb.potential("jax-md", **name, **tables, energy_unit="kcal/mol").evaluate(from_ase(mixed)).energy
    np.testing.assert_allclose(found / calories, 23.060548, rtol=1e-7)


def test_the_description_builds_it_again(by_name):
    again = mlip_nb.potentials.potentials.build(by_name.spec.describe()).build()
    assert again.fingerprint == by_name.fingerprint


def test_parameters_have_the_gradient_of_the_energy(by_name, copper):
    system = from_ase(copper)

    def at(scale):
        scaled = {**PARAMETERS, "epsilon": scale * EPSILON}
        return mlip_nb.potential("jax-md", energy="lennard_jones_neighbor_list", **scaled)

    grown = at(1.5).evaluate(system).energy
    np.testing.assert_allclose(grown, 1.5 * by_name.evaluate(system).energy, rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"energy": "lennard_jones_neighbour_list"}, "Did you mean 'lennard_jones_neighbor_list'"),
        ({"energy": "morse_pair", "sigmaa": 1}, "unknown parameter of morse_pair 'sigmaa'.*Known: alpha, epsilon"),
        ({"energy": "bks_silica_neighbor_list"}, "needs species"),
        ({"energy": "tersoff_neighbor_list"}, "needs params"),
        ({"energy": "morse_pair", "species": ["Si"]}, "makes no difference between species"),
        ({"energy": "no_such_module:energy"}, "module:function"),
        ({"energy": "morse_pair", "parameters": "[1]"}, "JSON object"),
        ({"energy": "morse_pair", "sigma": object()}, "numbers, lists or text"),
    ],
)
def test_bad_choices_are_explained(parameters, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.potential("jax-md", **parameters)


def test_an_energy_of_unknown_range_is_for_clusters(copper, cluster):
    def everybody(displacement, strength=1.0):
        metric = space.map_product(space.metric(displacement))
        return lambda R: strength * jnp.sum(metric(R, R))

    potential = mlip_nb.from_jax_md_maker(everybody)
    distances = cluster.get_all_distances().sum()
    np.testing.assert_allclose(potential.evaluate(from_ase(cluster)).energy, distances, rtol=1e-10)
    with pytest.raises(InputError, match="give range"):
        potential.evaluate(from_ase(copper))
