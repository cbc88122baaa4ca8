"""Derivatives through relaxation: closed forms, finite differences, and what comes out of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.design import (
    Arrangement,
    Medium,
    Multipliers,
    Problem,
    Settings,
    Stage,
    freedom_of,
    in_double,
    variables_of,
)
from mlip_nb.design.medium import shares_of
from mlip_nb.design.objective import read
from mlip_nb.errors import InputError
from mlip_nb.potentials.gaunt import GauntSpec

SETTINGS = Settings(jnp.zeros(0), jnp.ones(()))


def problem_of(system, potential, vary, objective, relaxes="full", **options):
    """What is varied is not relaxed."""
    precise = in_double(potential)
    variables = variables_of(system, precise, vary, **options)
    free = freedom_of(system, positions=True, cell="fixed" if "cell" in vary else relaxes)
    return Problem(variables, Stage.of(system, precise, stretch=1.1), free, (), read(objective))


def along_a_line(problem, vector, direction, step):
    """The objective along a line, by differences of fourth order; and its exact slope, from one program."""
    reach = jnp.array([0.0, -2 * step, -step, step, 2 * step])
    vectors = vector + reach[:, None] * direction
    rests = jnp.zeros((len(reach), problem.relaxing.size))
    found = problem.evaluate(vectors, rests, Multipliers.none(len(reach), 0, 0), SETTINGS)
    _, lowest, low, high, highest = np.asarray(found.objective)
    assert np.asarray(found.force).max() < 1e-9
    return (8 * (high - low) - (highest - lowest)) / (12 * step), float(found.slope[0] @ direction)


def size(x):
    return x.volume / 100 + x.energy_per_atom + x.lattice_angles[0] / 90


def stiffness(x):
    return jnp.log(x.bulk_modulus) + x.volume / 100 + x.energy_per_atom


def lowest_gap(x):
    return x.gap(3)


def argon(**options):
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, **options)


@pytest.mark.physics
def test_lengths_and_energies_scale_as_they_must():
    """d ln{a, E, C11, C44, B} / d ln σ = {1, 0, -3, -3, -3} and / d ln ε = {0, 1, 1, 1, 1}, through the relaxation."""
    system = mlip_nb.load("Ar", a=5.3, primitive=True)
    problem = problem_of(system, argon(cutoff=7.0), ("parameters",), stiffness, parameters=("length", "energy"))

    def logarithms(vector):
        x = problem.material(vector, jnp.zeros(problem.relaxing.size), 1.0).x
        elastic = x.elastic_tensor
        return jnp.log(jnp.stack([x.lattice_constant, -x.energy, elastic[0, 0], elastic[3, 3], x.bulk_modulus]))

    slopes = jax.jit(jax.jacrev(logarithms))(jnp.zeros(2))
    by_energy, by_length = slopes.T
    np.testing.assert_allclose(by_length, [1, 0, -3, -3, -3], atol=1e-10)
    np.testing.assert_allclose(by_energy, [0, 1, 1, 1, 1], atol=1e-10)


@pytest.mark.physics
def test_derivatives_by_species_are_those_of_relaxed_alloys():
    system = mlip_nb.load("Si")
    problem = problem_of(system, mlip_nb.potential("stillinger-weber"), ("species",), size)
    vector = problem.variables.start(jax.random.key(0), 0.5)
    direction = jax.random.normal(jax.random.key(1), vector.shape)
    differences, exact = along_a_line(problem, vector, direction, 2e-3)
    assert differences == pytest.approx(exact, rel=1e-6)


@pytest.mark.physics
@pytest.mark.parametrize(
    ("name", "options", "vary"),
    [
        ("lennard-jones", {}, ("species",)),
        ("stillinger-weber", {}, ("species",)),
        ("lennard-jones", {}, ("parameters",)),
        ("lennard-jones", {}, ("cell",)),
        ("stillinger-weber", {}, ("parameters",)),
        ("stillinger-weber", {}, ("cell",)),
        ("mlip-Si", {"precision": "float64"}, ("cell",)),
        ("mlip-Si", {"precision": "float64"}, ("parameters",)),
    ],
)
def test_derivatives_are_those_of_differences(name, options, vary):
    """Of a distorted cell, so that atoms have somewhere to go, with a mode that is soft: a shear that costs little."""
    system = mlip_nb.load("Ar" if name == "lennard-jones" else "Si")
    named = {"parameters": ("length", "energy")} if "parameters" in vary else {}
    problem = problem_of(system, mlip_nb.potential(name, **options), vary, stiffness, **named)
    vector = problem.variables.start(jax.random.key(0), 0.02)
    direction = jax.random.normal(jax.random.key(1), vector.shape) / vector.size**0.5
    differences, exact = along_a_line(problem, vector, direction, 1e-3)
    assert differences == pytest.approx(exact, rel=1e-6)


@pytest.mark.physics
def test_derivatives_are_those_of_differences_where_a_mode_is_soft():
    """Stretched until the bulk modulus is less than a tenth of what it was."""
    system, potential = mlip_nb.load("Ar", a=5.3, primitive=True), argon(cutoff=7.0)
    stretched = problem_of(system, potential, ("cell",), stiffness, cell="isotropic")

    @jax.jit
    def told(along):
        x = stretched.material(along[None], jnp.zeros(0), 1.0).x
        return x.pressure, x.bulk_modulus

    lengths = jnp.linspace(0.0, 0.7, 141)
    pressures, moduli = jax.lax.map(told, lengths)
    place = int(jnp.argmax(moduli < 0.05 * moduli[0]))
    assert 0 < float(moduli[place - 1] / moduli[0]) < 0.1
    outside, start = (
        float(pressures[place - 1]),
        stretched.variables.arrangement(stretched.variables.change(lengths[place - 1][None])),
    )
    soft = mlip_nb.from_ase(_scaled(system, start.cell))
    problem = problem_of(
        soft,
        potential,
        ("parameters",),
        size,
        relaxes="isotropic",
        parameters=("length", "energy"),
        pressure=units.to_internal(outside, "GPa"),
    )
    differences, exact = along_a_line(problem, jnp.zeros(2), jnp.array([0.6, 0.8]), 8e-6)
    assert differences == pytest.approx(exact, rel=1e-6)


def _scaled(system, cell):
    atoms = mlip_nb.to_ase(system)
    atoms.set_cell(np.asarray(cell), scale_atoms=True)
    return atoms


@pytest.mark.parametrize(
    "name", ["lennard-jones", "stillinger-weber", pytest.param("mlip-Si", marks=pytest.mark.physics)]
)
def test_one_element_on_every_site_is_the_physical_structure(name):
    system = mlip_nb.load("Si" if name != "lennard-jones" else "Ar")
    system = system if name != "stillinger-weber" else mlip_nb.load(_alternating(system))
    potential = in_double(mlip_nb.potential(name))
    assert potential.mixes
    stage, one = Stage.of(system, potential), jnp.ones(())
    weights = jnp.asarray(shares_of(system, potential))
    here = Arrangement(system.positions, system.cell)
    energy = jax.jit(lambda chosen: stage.energy(Medium(potential, chosen, one, one, None), stage.table, here))
    energies = [float(energy(chosen)) for chosen in (None, weights)]
    assert energies[0] == pytest.approx(energies[1], rel=1e-12)
    measured = float(mlip_nb.potential(name).evaluate(system).energy)
    assert energies[0] == pytest.approx(measured, rel=1e-6 if name == "mlip-Si" else 1e-12)


def _alternating(system):
    atoms = mlip_nb.to_ase(system)
    atoms.numbers[::3] = 32
    return atoms


@pytest.mark.physics
def test_the_gap_of_a_diatomic_chain_is_that_of_the_textbook():
    """√(2K/m) - √(2K/M) at the zone boundary, with K the curvature of a bond at its minimum."""
    from ase import Atoms

    bond = 2 ** (1 / 6) * 2.0
    chain = mlip_nb.from_ase(Atoms("NeAr", [[0, 0, 0], [bond, 0, 0]], cell=[2 * bond, 0, 0], pbc=[True, False, False]))
    potential = mlip_nb.potential("lennard-jones", epsilon=0.1, sigma=2.0, cutoff=4.2, style="shifted")
    problem = problem_of(chain, potential, ("parameters",), stiffness, parameters=("energy",))

    def gap(vector):
        return problem.material(vector, jnp.zeros(problem.relaxing.size), 1.0).x.gap(5)

    value, slope = jax.jit(jax.value_and_grad(gap))(jnp.zeros(1))
    curvature = 72 / 2 ** (1 / 3) * 0.1 / 2.0**2
    light, heavy = np.sqrt(2 * curvature / np.asarray(chain.masses))
    expected = units.from_internal(light - heavy, "THz") / (2 * np.pi)
    assert float(value) == pytest.approx(expected, rel=1e-10)
    assert float(slope[0]) == pytest.approx(expected / 2, rel=1e-8)


@pytest.mark.physics
def test_a_diameter_is_found_within_six_steps():
    """1.0347 for a cutoff of 3σ: 1.60 over the lattice constant of σ = 1."""
    potential = mlip_nb.potential("lennard-jones", epsilon=1, sigma=1, cutoff=3, style="shifted")
    design = mlip_nb.Design(
        vary=("parameters",), parameters=("length",), target="lattice_constant=1.6", optimizer="gauss-newton", starts=1
    )
    data = design.run(mlip_nb.load("Ar", a=1.5), potential)
    assert int(data["evaluations"][-1]) <= 6
    assert np.exp(float(data["design_vector"][-1, 0, 0])) == pytest.approx(1.0347, abs=5e-5)


def equality(x):
    return x.lattice_lengths[0] + x.lattice_lengths[1] - 10.3


def inequality(x):
    return 5.25 - x.lattice_lengths[2]


def apart(x):
    a, b, c = x.lattice_lengths
    return (a - 5.5) ** 2 + (b - 5.0) ** 2 + (c - 5.4) ** 2


def test_constraints_hold_where_the_lagrangian_is_flat():
    """(5.4, 4.9) with a price of 0.2 for a + b = 10.3, and the third length at its bound with a price of 0.3."""
    design = mlip_nb.Design(
        objective=apart,
        equality=equality,
        inequality=inequality,
        cell_shape="orthorhombic",
        relax="nothing",
        starts=2,
        steps=150,
        tolerance=0,
    )
    data = design.run(mlip_nb.load("Ar", a=5.2), argon(cutoff=5.0))
    last = data.isel(frame=-1, replica=0)
    assert float(last["constraint_violation"]) < 1e-7
    assert float(last["design_slope"]) < 1e-6
    np.testing.assert_allclose(np.diag(last["cell"]), [5.4, 4.9, 5.25], atol=1e-6)


@pytest.mark.physics
def test_phonons_of_a_potential_that_passes_messages_are_refused():
    """Waves along edges are not enough where an atom's energy depends on the neighbours of its neighbours."""
    spec = GauntSpec(symbols=("Si",), degree=1, channels=2, hidden=4, radial=4, cutoff=3.0, precision="float64")
    for layers in (1, 2):
        potential = spec.replace(layers=layers).build()
        problem = problem_of(mlip_nb.load("Si", primitive=True), potential, ("cell",), lowest_gap)
        if layers == 1:
            assert problem.looks(jnp.zeros(0)) == set()
            continue
        with pytest.raises(InputError, match="gaunt passes messages from atom to atom"):
            problem.looks(jnp.zeros(0))
