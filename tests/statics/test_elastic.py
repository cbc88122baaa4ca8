"""Second derivatives: silicon's constants, laws of strain, and derivatives of derivatives."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.statics import (
    Surface,
    acoustic,
    dynamical_matrix,
    force_constants,
    hessian_product,
    response,
    slopes_of,
    under_stress,
)
from mlip_nb.system import from_ase

A0 = 5.43095
"""Å, of Stillinger and Weber's silicon."""


@pytest.fixture(scope="module")
def silicon():
    system = from_ase(bulk("Si", a=A0))
    return system, Surface.of(system, mlip_nb.potential("stillinger-weber"))


@eqx.filter_jit
def _response(surface, positions, cell):
    return response(surface.slopes, positions, cell)


@eqx.filter_jit
def _response_by_autodiff(surface, positions, cell):
    return response(slopes_of(surface.energy), positions, cell)


def _gigapascal(constants):
    return np.asarray(constants) * units.from_internal(1.0, "GPa")


def test_constants_of_silicon(silicon):
    """C11, C12, C44, and C44 with atoms carried along, against published values of this potential and matscipy's."""
    system, surface = silicon
    found = _response(surface, system.positions, system.cell)
    relaxed, clamped = _gigapascal(found.relaxed), _gigapascal(found.clamped)
    assert [relaxed[0, 0], relaxed[0, 1], relaxed[3, 3]] == pytest.approx([151.42, 76.42, 56.45], abs=0.02)
    assert clamped[3, 3] == pytest.approx(109.76, abs=0.02)
    np.testing.assert_allclose(relaxed[:3, 3:], 0, atol=1e-8)


def test_they_are_those_of_an_independent_code(silicon):
    from matscipy.calculators.manybody import Manybody
    from matscipy.calculators.manybody.explicit_forms.stillinger_weber import (
        StillingerWeber,
        Stillinger_Weber_PRB_31_5262_Si,
    )
    from matscipy.elasticity import full_3x3x3x3_to_Voigt_6x6

    system, surface = silicon
    atoms = bulk("Si", a=A0)
    atoms.calc = Manybody(**StillingerWeber(Stillinger_Weber_PRB_31_5262_Si))
    born = full_3x3x3x3_to_Voigt_6x6(atoms.calc.get_property("born_constants", atoms))
    found = _gigapascal(_response(surface, system.positions, system.cell).clamped)
    np.testing.assert_allclose(found, born * units.from_internal(1.0, "GPa"), atol=0.02)
