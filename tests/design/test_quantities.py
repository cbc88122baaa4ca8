"""What an objective can look at: values by other ways, and derivatives that scaling fixes.

With all lengths and all energies of a potential larger, whatever is at rest keeps its shape: what is an energy grows as
those of the potential do, and does not know the lengths.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.design import (
    Conditions,
    Problem,
    Stage,
    Vacancy,
    competitors_of,
    freedom_of,
    harmonic,
    in_double,
    variables_of,
)
from mlip_nb.potentials import AbstractPotential
from mlip_nb.workflows import point_defect
from mlip_nb.workflows._neb import NEB

SCALES, USUAL = ("length", "energy"), Conditions()


def argon(**options) -> AbstractPotential:
    return in_double(mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, **options))


def problem_of(system, potential, vary, *, relaxes="full", positions=True, conditions=USUAL, **options):
    variables = variables_of(system, potential, vary, **options)
    free = freedom_of(system, positions=positions, cell=relaxes)
    return Problem(variables, Stage.of(system, potential, stretch=1.1), free, conditions=conditions)


def numbers(problem, names):
    """Quantities as a function of the vector."""

    def told(vector):
        x = problem.material(vector, jnp.zeros(problem.relaxing.size), 1.0).x
        return jnp.stack([getattr(x, name) for name in names])

    return told


def test_neighbours_are_counted_by_distance_and_by_the_area_of_a_peak():
    """Twelve in the first shell, 18 in two, of which the second holds six."""
    system, potential = mlip_nb.load("Ar", a=5.26, primitive=True), argon(cutoff=7.0)
    problem = problem_of(
        system,
        potential,
        ("cell",),
        relaxes="fixed",
        positions=False,
        conditions=Conditions(radius=4.4),
        cell="isotropic",
    )
    radii = jnp.linspace(4.5, 5.9, 141)

    @jax.jit
    def told(vector):
        x = problem.material(vector, jnp.zeros(0), 1.0).x
        shells = 4 * jnp.pi * radii**2 / x.volume_per_atom
        return x.coordination_number, jnp.trapezoid(shells * x.pair_distribution(radii, 0.05), radii)

    near, second = told(jnp.zeros(1))
    assert float(near) == pytest.approx(12, abs=2e-2)
    assert float(second) == pytest.approx(6, abs=1e-3)


@pytest.mark.physics
def test_a_vacancy_and_a_distance_to_the_hull_scale_as_energies():
    system, mixed = mlip_nb.load("Ar", a=5.3), in_double(mlip_nb.potential("lennard-jones", cutoff=7.0))
    atoms = mlip_nb.to_ase(system)
    atoms.numbers[0] = 36
    alloy = mlip_nb.load(atoms)
    phases = [mlip_nb.load("Ar", a=5.3, primitive=True), mlip_nb.load("Kr", a=5.7, primitive=True)]
    competitors = competitors_of(phases, mixed, np.array([[0, 0.75, 0.25, 0]]), stretch=1.1)
    conditions = Conditions(competitors=competitors.varying(), vacancy=Vacancy.of(alloy, mixed, 1, 1.1))
    problem = problem_of(alloy, mixed, ("parameters",), conditions=conditions, parameters=SCALES)
    told = numbers(problem, ("energy_above_hull", "vacancy_energy", "energy_per_atom"))
    value, slopes = jax.jit(lambda v: (told(v), jax.jacrev(told)(v)))(jnp.zeros(2))
    # Parameters are in the order of the alphabet.
    by_energy, by_length = slopes.T
    np.testing.assert_allclose(by_energy, value, rtol=1e-9)
    np.testing.assert_allclose(by_length, 0, atol=1e-9)
    pure = competitors.energies
    assert float(value[0]) == pytest.approx(float(value[2] - 0.75 * pure[0] - 0.25 * pure[1]), abs=1e-12)
    mean = f"Ar={float(value[2])!r}"
    other = point_defect.Vacancy(supercells=(1,), chemical_potentials=(mean,), atom=1).run(alloy, mixed)
    assert float(value[1]) == pytest.approx(float(other["defect_energy"][0]), abs=1e-6)


@pytest.mark.physics
def test_a_barrier_is_that_of_the_band_and_scales_as_energies():
    """Of an atom that jumps into a vacancy, at the pressure of none: from there to the mirror image."""
    crystal, potential = mlip_nb.load("Ar", a=5.3), argon(cutoff=7.0)
    atoms = mlip_nb.to_ase(crystal)
    there = atoms.positions[0].copy()
    del atoms[0]
    end = atoms.copy()
    end.positions[0] = there
    start, end = mlip_nb.load(atoms), mlip_nb.load(end)
    design = mlip_nb.Design(vary=("parameters",), parameters=SCALES, target="barrier=0.1", references={"end": end})
    conditions = design.references.conditions(design, start, potential, 1.1, searched=True)
    problem = problem_of(
        start, potential, ("parameters",), relaxes="isotropic", conditions=conditions, parameters=SCALES
    )
    told = numbers(problem, ("barrier", "lattice_constant"))
    value, slopes = jax.jit(lambda v: (told(v), jax.jacrev(told)(v)))(jnp.zeros(2))
    assert 0.01 < float(value[0]) < 1
    np.testing.assert_allclose(slopes[0], [value[0], 0], atol=1e-7)
    larger = mlip_nb.load(_with_cell(atoms, float(value[1])))
    after = mlip_nb.load(_with_cell(mlip_nb.to_ase(end), float(value[1])))
    path = NEB(images=9, force=1e-4).run(larger, after, potential)
    assert float(value[0]) == pytest.approx(float(path["forward_barrier"]), rel=1e-4)


def _with_cell(atoms, length):
    atoms = atoms.copy()
    atoms.set_cell(3 * [length], scale_atoms=True)
    return atoms


@pytest.mark.physics
def test_anharmonic_quantities_scale_and_are_slopes_of_the_entropy():
    r"""γ and C depend on ħω/kT only, and ω is √(ε/m)/σ: derivatives by ln σ are -2 times those by ln ε. α is γC/BV,
    and BV an energy. $\sum c\gamma$ is dS/d ln V under pressure, with the cell of hcp free to change its shape."""
    system, potential = mlip_nb.load("Ar", crystal="hcp", a=3.75, primitive=True), argon(cutoff=5.0)
    conditions = Conditions(temperature=60.0, mesh=(1, 1, 1))
    problem = problem_of(system, potential, ("parameters", "pressure"), conditions=conditions, parameters=SCALES)
    names = ("gruneisen_parameter", "harmonic_heat_capacity", "thermal_expansion", "vibrational_free_energy", "volume")
    told = numbers(problem, names)
    value, slopes = jax.jit(lambda v: (told(v), jax.jacrev(told)(v)))(jnp.zeros(3))
    logarithms = slopes / value[:, None]
    (gamma, capacity, alpha), atoms = logarithms[:3], len(system.numbers)
    np.testing.assert_allclose(gamma[1], -2 * gamma[0], rtol=1e-6)
    np.testing.assert_allclose(capacity[1], -2 * capacity[0], rtol=1e-6)
    np.testing.assert_allclose(alpha[:2], gamma[:2] + capacity[:2] + jnp.array([-1, 0]), atol=1e-8)

    @jax.jit
    def squares(pressure):
        x = problem.material(jnp.zeros(3).at[2].set(pressure), jnp.zeros(problem.relaxing.size), 1.0).x
        return jnp.log(x.volume), x._mesh_squares(conditions.mesh)

    kT = units.to_internal(conditions.temperature, "K")
    entropy = jax.grad(lambda kT, squares: -jnp.mean(harmonic.free_energy(squares, kT)))
    step = 1e-3
    (least, low), (less, lower), (more, higher), (most, high) = (squares(step * k) for k in (-2, -1, 1, 2))
    entropies = [entropy(kT, one) for one in (high, higher, lower, low)]
    by_pressure = [8 * (b - c) - (a - d) for a, b, c, d in (entropies, (most, more, less, least))]
    expected = float(value[0] * value[1]) * atoms
    assert float(by_pressure[0] / by_pressure[1]) == pytest.approx(expected, rel=1e-5)
