"""Moduli of polycrystals and by direction, against closed forms of cubic crystals; routes to elastic constants."""

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import RunWarning
from mlip_nb.statics import moduli, stability, young_along
from mlip_nb.system import from_ase

from .test_second_derivatives import A0

C11, C12, C44 = 151.42, 76.42, 56.45
CUBIC = np.diag([C11 - C12] * 3 + [C44] * 3)
CUBIC[:3, :3] += C12


def test_moduli_of_a_cubic_crystal():
    found = moduli(jnp.asarray(CUBIC))
    np.testing.assert_allclose(found.bulk, (C11 + 2 * C12) / 3)
    softer, stiffer = (C11 - C12) / 2, C44
    assert found.shear[0] == pytest.approx((2 * softer + 3 * stiffer) / 5)
    assert float(found.shear[1]) == pytest.approx(5 / (2 / softer + 3 / stiffer))
    assert float(found.anisotropy) == pytest.approx(6 / 5 * (np.sqrt(C44 / softer) - np.sqrt(softer / C44)) ** 2)


def test_an_isotropic_solid_has_one_young_modulus():
    shear = 60.0
    isotropic = np.diag([2 * shear] * 3 + [shear] * 3)
    isotropic[:3, :3] += 40.0
    found = moduli(jnp.asarray(isotropic))
    directions = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)))
    np.testing.assert_allclose(young_along(jnp.asarray(isotropic), directions), found.young[0])
    np.testing.assert_allclose(found.young, found.young[0])
    assert float(found.anisotropy) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(found.poisson, 40 / (2 * (40 + shear)))


def test_stiffness_by_direction_of_a_cubic_crystal():
    soft = np.linalg.inv(CUBIC)
    expected = 1 / soft[0, 0], 1 / (soft[0, 0] - 2 * (soft[0, 0] - soft[0, 1] - soft[3, 3] / 2) / 3)
    found = young_along(jnp.asarray(CUBIC), jnp.asarray([[1.0, 0, 0], [1, 1, 1]]))
    np.testing.assert_allclose(found, expected)


def test_a_cubic_crystal_is_stable_by_born_s_rules():
    """Eigenvalues are C11 - C12 twice, C11 + 2 C12, and 2 C44 three times."""
    expected = sorted([C11 - C12] * 2 + [C11 + 2 * C12] + [2 * C44] * 3)
    np.testing.assert_allclose(stability(jnp.asarray(CUBIC)), expected)


@pytest.mark.parametrize("method", [pytest.param("energy-strain", marks=pytest.mark.physics), "stress-strain"])
def test_finite_strains_give_the_exact_constants(method):
    """To second order in the strain: four times closer with half of it."""
    system, potential = from_ase(bulk("Si", a=A0)), mlip_nb.potential("stillinger-weber")
    exact = mlip_nb.Elastic().run(system, potential)
    errors = []
    for strain in (0.01, 0.005):
        found = mlip_nb.Elastic(method=method, strain=strain).run(system, potential)
        errors.append(np.abs(found["elastic_constants"] - exact["elastic_constants"]).max())
        clamped = np.abs(found["clamped_elastic_constants"] - exact["clamped_elastic_constants"]).max()
        assert clamped < 1e4 * strain**2
    assert errors[0] < 0.5
    assert errors[0] / errors[1] == pytest.approx(4, abs=0.3)


def test_atoms_that_do_not_relax_in_a_strained_cell_are_told(monkeypatch):
    monkeypatch.setattr("mlip_nb.workflows._finite_strain._STEPS", 1)
    with pytest.warns(RunWarning, match="atoms of a strained cell did not relax to 1e-05 eV/Å in 1 steps"):
        mlip_nb.Elastic(method="stress-strain").run(from_ase(bulk("Si", a=A0)), mlip_nb.potential("stillinger-weber"))


def test_finite_strains_need_no_second_derivatives():
    """Copper of a calculator of others: cubic, and its bulk modulus the slope of its pressure."""
    side, potential = 3.59, mlip_nb.from_calculator(EMT())
    copper = from_ase(bulk("Cu", a=side))
    found = mlip_nb.Elastic(method="stress-strain").run(copper, potential)
    constants = found["elastic_constants"].values
    traces = []
    for scale in (1 - 1e-3, 1 + 1e-3):
        stress = potential.evaluate(from_ase(bulk("Cu", a=side * scale)), stress=True).stress
        traces.append(units.from_internal(float(np.trace(stress)), "GPa") / 3)
    assert (constants[0, 0] + 2 * constants[0, 1]) / 3 == pytest.approx((traces[1] - traces[0]) / 6e-3, rel=1e-4)
    assert constants[0, 0] > constants[0, 1] > constants[3, 3] > 0
