"""Within a budget attacks cost what they may, and no step of theirs goes down."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.attack import Affordable, Perturbation, climb, starts
from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import uncertainties
from mlip_nb.workflows._attack_case import case_of

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
SETTINGS = mlip_nb.Attack(radius=0.2, iterations=12, starts=3, objective=Affordable(share=0.25))


@pytest.fixture(scope="module")
def spread():
    """Of a committee that has learned from little."""
    frames = frames_of_silicon(6)
    members = [fit_linear(fresh(SPEC.replace(weight_seed=k), frames), frames, Recipe(batch=64))[0] for k in range(3)]
    return uncertainties["committee"]().fitted(Committee.of(members, SPEC.replace(members=3)))


@pytest.fixture(scope="module")
def case(spread):
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.02, seed=3)
    return case_of([from_ase(atoms)], spread, SETTINGS)[0]


def test_every_step_goes_up_and_costs_no_more_than_it_may(case):
    climbers = starts(case, jax.random.split(jax.random.key(0), 3), jnp.asarray(0.004))
    before = climbers.value
    for _ in range(12):
        climbers = climb(case, climbers)
        assert (climbers.value >= before).all()
        assert (climbers.cost.energy <= climbers.cost.allowed).all()
        before = climbers.value
    spent = jax.vmap(case.energy)(climbers.at)
    np.testing.assert_allclose(spent, climbers.cost.energy, atol=1e-9)
    np.testing.assert_allclose(spent, climbers.measured.energy, atol=1e-9)
    # What was taken off is what chance costs by its own draws.
    for place in range(3):
        at = jax.tree.map(lambda leaf, place=place: leaf[place], climbers.at)
        drawn = [case.energy(case.bounds.random(key, at.lengths, at.bending)) for key in case.budget.draws]
        allowed = max(0.25 * float(np.mean(drawn)), float(case.budget.least))
        assert float(climbers.cost.allowed[place]) == pytest.approx(allowed, rel=1e-9)


def test_the_slope_of_the_cost_is_its_derivative(case):
    """With the budget growing as the square of the displacements, which is exact where energies are harmonic."""
    at = case.bounds.random(jax.random.key(1), jnp.full(8, 0.02), jnp.asarray(0.0))
    cost = case.budget.cost(case.energy, case.bounds, at)
    way = case.bounds.random(jax.random.key(2), jnp.full(8, 1.0), jnp.asarray(0.0))

    def excess(length):
        there = at + way * length
        grown = cost.growth * there.square
        return case.energy(there) - jnp.where(cost.allowed > case.budget.least, grown, 0)

    slope = float(excess(1e-4) - excess(-1e-4)) / 2e-4
    assert float(cost.slope.dot(way)) == pytest.approx(slope, rel=1e-5)


def test_what_was_spent_too_much_is_paid_back(case):
    """Most of it at once, since energies are nearly harmonic over so short a way."""
    at = case.bounds.random(jax.random.key(1), jnp.full(8, 0.1), jnp.asarray(0.0))
    cost = case.budget.cost(case.energy, case.bounds, at)
    assert not cost.holds
    back = cost.paid_back(case.budget, case.energy, at)
    again = case.budget.cost(case.energy, case.bounds, back)
    assert float(again.energy - again.allowed) < 0.5 * float(cost.energy - cost.allowed)
    cheap = Perturbation(jnp.zeros((8, 3)), jnp.zeros((3, 3)))
    np.testing.assert_array_equal(cost.paid_back(case.budget, case.energy, cheap).displacements, 0)
