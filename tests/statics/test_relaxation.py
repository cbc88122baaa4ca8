"""Relaxations end at minima, keep what they must, and say where they are none."""

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.statics import relax
from mlip_nb.system import from_ase
from mlip_nb.workflows._statics import unbroken
from mlip_nb.workflows._volumes import at_volumes

from .test_second_derivatives import A0

EPSILON = 2.1683
"""eV, of Stillinger and Weber's silicon."""


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.fixture(scope="module")
def vacancy(potential):
    """Starts beside the ideal vacancy among 64 sites; some of them fall into a reconstructed one."""
    atoms = bulk("Si", a=A0, cubic=True) * 2
    del atoms[0]
    return mlip_nb.Relax(moving="positions", rattle=0.3, starts=8, seed=3).run(from_ase(atoms), potential)


def _displaced(amount=0.05):
    atoms = bulk("Si", a=5.3, cubic=True)
    atoms.rattle(amount, seed=1)
    return from_ase(atoms)


@pytest.mark.physics
@pytest.mark.parametrize("method", ["lbfgs", "fire"])
def test_silicon_finds_its_lattice_constant(potential, method):
    found = mlip_nb.Relax(method=method, force=1e-5, stress=1e-4).run(_displaced(), potential)
    np.testing.assert_allclose(np.linalg.norm(found["cell"][-1], axis=1), A0, atol=1e-5)
    assert float(found["potential_energy"][-1]) == pytest.approx(8 * -2 * EPSILON, abs=1e-7)
    assert float(found["largest_force"][-1]) <= 1e-5
    assert float(found["lowest_curvature"]) > 1


def test_under_pressure_the_stress_balances_it(potential):
    """And the enthalpy that was minimised is energy plus PV; the space group stays."""
    found = mlip_nb.Relax(pressure=5, symmetry=True).run(from_ase(bulk("Si", a=5.5)), potential)
    np.testing.assert_allclose(found["stress"][-1], -5 * np.eye(3), atol=1.1e-3)
    energy, volume = float(found["potential_energy"][-1]), float(found["volume"][-1])
    assert float(found["enthalpy"][-1]) == pytest.approx(energy + 5 * units.GIGAPASCAL * volume)


@pytest.mark.physics
def test_the_ideal_vacancy_is_a_minimum_but_not_the_deepest(vacancy):
    """Bonds of two eV epsilon each are cut: the ideal one costs exactly 2 epsilon, whatever relaxes."""
    formation = vacancy["start_enthalpy"].values + 63 * 2 * EPSILON
    assert formation[0] == pytest.approx(2 * EPSILON, abs=1e-6)
    assert formation.min() == pytest.approx(2.835, abs=0.002)
    assert float(vacancy["lowest_curvature"]) > 1


def test_held_atoms_stay(potential):
    system = _displaced()
    mobile = np.arange(8) > 3
    found = mlip_nb.Relax(moving="positions").run(dataclasses.replace(system, mobile=jnp.asarray(mobile)), potential)
    moved = np.linalg.norm(found["positions"][1] - found["positions"][0], axis=1)
    assert (moved[~mobile] == 0).all()
    assert (moved[mobile] > 1e-3).all()
    np.testing.assert_array_equal(found["cell"][0], found["cell"][1])


def test_what_is_no_minimum_is_told(potential):
    """Silicon as a body-centred crystal: symmetry keeps it there."""
    found = mlip_nb.Relax(symmetry=True).run(from_ase(bulk("Si", "bcc", a=3.2) * 2), potential)
    assert float(found["lowest_curvature"]) < -0.1
    along = np.asarray(found["softest_direction"])
    assert np.linalg.norm(along) == pytest.approx(1)
    here, step = found.mlip.system(-1), 0.05
    energies = [
        float(potential.evaluate(dataclasses.replace(here, positions=here.positions + amount * along)).energy)
        for amount in (0.0, step)
    ]
    assert energies[1] - energies[0] == pytest.approx(0.5 * step**2 * float(found["lowest_curvature"]), rel=0.1)


def test_energies_of_others_are_relaxed_without_a_verdict():
    atoms = bulk("Cu", a=3.7, cubic=True)
    found = mlip_nb.Relax().run(from_ase(atoms), mlip_nb.from_calculator(EMT()))
    assert np.linalg.norm(found["cell"][-1], axis=1) == pytest.approx([3.59] * 3, abs=0.01)
    assert "lowest_curvature" not in found


def test_forces_vanish_where_energies_are_of_single_precision():
    """Steps whose gain is below the rounding of energies are taken for what they do to forces."""
    found = mlip_nb.Relax(moving="positions").run(
        _displaced(), mlip_nb.potential("stillinger-weber", precision="mixed")
    )
    assert float(found["largest_force"][-1]) <= 1e-4


def _interrupted(iteration, force):
    raise KeyboardInterrupt


def test_whoever_interrupts_a_relaxation_interrupts_what_is_made_of_it(potential, monkeypatch):
    """Further starts do not begin; what needs the end does not go on without."""
    settings = mlip_nb.Relax(moving="positions", rattle=0.1, starts=3, check=False)
    found = settings.of(_displaced(), potential, watch=_interrupted)
    assert found.sizes["start"] == 1
    with pytest.raises(KeyboardInterrupt):
        unbroken(found)
    monkeypatch.setattr("mlip_nb.workflows._volumes.relax", functools.partial(relax, watch=_interrupted))
    with pytest.raises(KeyboardInterrupt):
        next(at_volumes(_displaced(), potential, (1.0,)))


def test_too_few_steps_are_told(potential):
    with pytest.warns(RunWarning, match="not relaxed: after 2 steps"):
        found = mlip_nb.Relax(steps=2).run(_displaced(), potential)
    assert found.sizes["iteration"] == 3


def test_what_cannot_relax_is_refused(potential):
    crystal, alone = _displaced(), dataclasses.replace(_displaced(), pbc=(False,) * 3)
    with pytest.raises(InputError, match="no cell to relax"):
        mlip_nb.Relax(moving="cell").run(alone, potential)
    with pytest.raises(InputError, match="acts on a cell that moves"):
        mlip_nb.Relax(moving="positions", pressure=1).run(crystal, potential)
    with pytest.raises(InputError, match="no symmetry to keep"):
        mlip_nb.Relax(symmetry=True, rattle=0.1).run(crystal, potential)
    with pytest.raises(InputError, match="covers"):
        mlip_nb.Relax().run(from_ase(bulk("Cu")), potential)
