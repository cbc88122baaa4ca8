"""Elastic and force constants: those of silicon, laws of strain, an independent code, derivatives of derivatives."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from matscipy.calculators.manybody import Manybody
from matscipy.calculators.manybody.explicit_forms.stillinger_weber import (
    Stillinger_Weber_PRB_31_5262_Si,
    StillingerWeber,
)
from matscipy.elasticity import full_3x3x3x3_to_Voigt_6x6

import mlip_nb
from mlip_nb import units
from mlip_nb.statics import (
    Surface,
    acoustic,
    check_differentiable,
    dynamical_matrix,
    force_constants,
    hessian_product,
    response,
    slopes_of,
    under_stress,
)
from mlip_nb.statics.elastic import UNIT_STRAINS, VOIGT
from mlip_nb.system import from_ase

A0 = 5.43095
"""Å, of Stillinger and Weber's silicon."""
GPA = 1 / units.GIGAPASCAL


@eqx.filter_jit
def answer(surface, positions, cell):
    """All second derivatives, and the stress."""
    found = response(surface.slopes, positions, cell)
    return found, surface.slopes(positions, cell)[1] / found.volume


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.fixture(scope="module")
def silicon(potential):
    system = from_ase(bulk("Si", a=A0))
    surface = Surface.of(system, potential)
    return system, surface, answer(surface, system.positions, system.cell)[0]


@pytest.fixture(scope="module")
def strained(potential):
    """Silicon without any symmetry, under some GPa, and the same in matscipy."""
    atoms, random = bulk("Si", a=A0), np.random.default_rng(1)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.03 * random.normal(size=(3, 3))), scale_atoms=True)
    atoms.rattle(0.05, seed=2)
    system = from_ase(atoms)
    atoms.calc = Manybody(**StillingerWeber(Stillinger_Weber_PRB_31_5262_Si))
    return atoms, *answer(Surface.of(system, potential), system.positions, system.cell)


def test_constants_of_silicon(silicon):
    """C11, C12, C44, and C44 with atoms carried along, GPa."""
    relaxed, clamped = (GPA * np.asarray(constants) for constants in (silicon[2].relaxed, silicon[2].clamped))
    assert [relaxed[0, 0], relaxed[0, 1], relaxed[3, 3]] == pytest.approx([151.42, 76.42, 56.45], abs=0.02)
    assert clamped[3, 3] == pytest.approx(109.76, abs=0.02)
    np.testing.assert_allclose(relaxed[:3, 3:], 0, atol=1e-8)


def test_they_are_those_of_an_independent_code(silicon):
    atoms = bulk("Si", a=A0)
    atoms.calc = Manybody(**StillingerWeber(Stillinger_Weber_PRB_31_5262_Si))
    born = full_3x3x3x3_to_Voigt_6x6(atoms.calc.get_property("born_constants", atoms))
    # The lattice constant has five decimals, so that a stress of 2e-5 GPa is left.
    np.testing.assert_allclose(GPA * np.asarray(silicon[2].clamped), GPA * born, atol=1e-4)
    np.testing.assert_allclose(silicon[2].hessian, atoms.calc.get_property("hessian", atoms).todense(), atol=1e-10)


def test_under_stress_they_are_slopes_of_the_stress_of_an_independent_code(strained):
    atoms, found, stress = strained

    def stress_at(strain):
        moved = atoms.copy()
        moved.calc = atoms.calc
        moved.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
        return moved.get_stress(voigt=False)

    pairs = [(stress_at(1e-5 * strain), stress_at(-1e-5 * strain)) for strain in UNIT_STRAINS]
    slopes = np.array([[(up - down)[component] / 2e-5 for up, down in pairs] for component in VOIGT])
    assert np.abs(GPA * np.asarray(stress)).max() > 1
    np.testing.assert_allclose(GPA * np.asarray(under_stress(found.clamped, stress)), GPA * slopes, atol=1e-6)


def test_atoms_that_follow_only_soften(strained):
    """C⁰ - C is positive semidefinite, and displacements leave the whole where it is."""
    _, found, _ = strained
    assert np.linalg.eigvalsh(np.asarray(found.clamped - found.relaxed)).min() > -1e-12
    moved = np.asarray(found.internal_strain).reshape(2, 3, 6)
    np.testing.assert_allclose(moved.sum(axis=0), 0, atol=1e-10)
    assert np.abs(moved).max() > 0.1


@pytest.mark.physics
def test_a_supercell_has_the_constants_of_its_cell(silicon, potential):
    atoms = bulk("Si", a=A0) * (2, 1, 1)
    system = from_ase(atoms)
    found = answer(Surface.of(system, potential), system.positions, system.cell)[0]
    np.testing.assert_allclose(found.relaxed, silicon[2].relaxed, atol=1e-10)


@pytest.mark.physics
def test_constants_scale_as_energy_over_volume(silicon):
    """Euler: with all lengths of a potential scaled, its constants are those of a smaller energy density."""
    system, surface, found = silicon

    @eqx.filter_jit
    @eqx.filter_grad
    def slope(scales):
        energy, length = scales
        whole = eqx.tree_at(
            lambda s: (s.potential.epsilon, s.potential.strength, s.potential.sigma),
            surface,
            (
                energy * surface.potential.epsilon,
                jnp.sqrt(energy) * surface.potential.strength,
                length * surface.potential.sigma,
            ),
        )
        return response(slopes_of(whole.energy), length * system.positions, length * system.cell).relaxed[3, 3]

    by_energy, by_length = slope((jnp.asarray(1.0), jnp.asarray(1.0)))
    assert by_energy == pytest.approx(float(found.relaxed[3, 3]), rel=1e-8)
    assert by_length == pytest.approx(-3 * float(found.relaxed[3, 3]), rel=1e-8)


@pytest.fixture(scope="module")
def supercell(potential):
    """Sixteen atoms; two and two are one primitive cell."""
    atoms = bulk("Si", a=A0) * (2, 2, 2)
    system = from_ase(atoms)
    surface = Surface.of(system, potential)

    @eqx.filter_jit
    def go(surface, positions, cell):
        return force_constants(surface.slopes, positions, cell, jnp.arange(2))

    return atoms, surface, go(surface, system.positions, system.cell)


def test_force_constants_are_slopes_of_forces(supercell):
    atoms, surface, constants = supercell
    slopes, cell = eqx.filter_jit(lambda one, r, h: one.slopes(r, h)[0]), jnp.asarray(atoms.cell.array)
    moved = np.zeros((2, *atoms.positions.shape))
    moved[:, 1, 2] = 1e-4, -1e-4
    up, down = (slopes(surface, jnp.asarray(atoms.positions + one), cell) for one in moved)
    np.testing.assert_allclose(constants[1, :, 2], -(up - down) / 2e-4, atol=1e-5)


def test_optical_vibration_of_silicon(supercell):
    """At Γ 17.83 THz three times, and three rigid motions."""
    atoms, _, constants = supercell
    images = jnp.arange(16) % 2
    matrix = dynamical_matrix(
        acoustic(constants, jnp.arange(2)), jnp.ones((2, 16), complex), images, jnp.asarray(atoms.get_masses()[:2])
    )
    squares = np.linalg.eigvalsh(np.asarray(matrix))
    np.testing.assert_allclose(squares[:3], 0, atol=1e-10)
    frequencies = np.sqrt(squares[3:]) / (2 * np.pi) / units.to_internal(1.0, "THz")
    np.testing.assert_allclose(frequencies, 17.83, atol=0.01)


def test_a_product_is_the_hessian_times_a_direction(silicon):
    system, surface, found = silicon
    direction = np.random.default_rng(0).normal(size=system.positions.shape)

    @jax.jit
    def product(direction):
        return hessian_product(surface.slopes, system.positions, system.cell, direction)

    expected = np.asarray(found.hessian) @ direction.ravel()
    np.testing.assert_allclose(product(jnp.asarray(direction)).ravel(), expected, atol=1e-10)


def test_what_has_no_derivatives_is_refused():
    from ase.calculators.emt import EMT

    with pytest.raises(mlip_nb.errors.InputError, match="outside JAX"):
        check_differentiable(mlip_nb.from_calculator(EMT()))


@pytest.mark.physics
def test_constants_of_lennard_jones_s_crystal():
    """C11 105.19, C12 = C44 60.19 ε/σ³ of the full lattice sum: a cutoff takes away as much as its inverse cube."""
    system, found = from_ase(bulk("Ar", "fcc", a=1.54174)), {}
    for cutoff in (6.0, 9.0):
        potential = mlip_nb.potential("lennard-jones", sigma=1.0, epsilon=1.0, cutoff=cutoff, style="truncated")
        found[cutoff] = np.asarray(answer(Surface.of(system, potential), system.positions, system.cell)[0].relaxed)
    missing = 9.0**-3 / (6.0**-3 - 9.0**-3)
    limit = found[9.0] - missing * (found[6.0] - found[9.0])
    np.testing.assert_allclose([limit[0, 0], limit[0, 1], limit[3, 3]], [105.19, 60.19, 60.19], atol=0.02)
    # Cauchy's relation holds for pairs in a crystal with a centre at every atom, under no stress.
    assert limit[0, 1] == pytest.approx(limit[3, 3], abs=1e-9)
