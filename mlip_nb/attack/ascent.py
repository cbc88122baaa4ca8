"""Projected gradient ascent that never goes down."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..potentials import AbstractGraphPotential
from ..uncertainty import AbstractUncertainty
from .objectives import Measured, Objective
from .perturbation import Bounds, Perturbation, Stage

_FIRST = 1 / 12
"""A step in units of the bounds."""
_SHORTER = 0.5
"""What a step that was refused is made shorter by."""


class Feasible(eqx.Module):
    """What every structure on the way must have."""

    energy: Float[Array, ""]
    """eV above the structure that is attacked, at most."""
    closest: Float[Array, ""]
    """Shortest distance over the sum of covalent radii, at least."""

    def holds(self, measured: Measured) -> Bool[Array, ""]:
        """True within both."""
        return (measured.energy <= self.energy) & (measured.closest >= self.closest)


class Case(eqx.Module):
    """One structure, one uncertainty, one objective."""

    stage: Stage
    bounds: Bounds
    uncertainty: AbstractUncertainty
    reference: Float[Array, ""]
    """Energy of the structure that is attacked, eV."""
    feasible: Feasible
    objective: Objective = eqx.field(static=True)

    def measured(self, by: Perturbation) -> Measured:
        """Uncertainty and energy of the perturbed structure."""
        potential: AbstractGraphPotential = self.uncertainty.potential
        graph = self.stage.graph(potential, by)
        energy = jnp.sum(potential.atomic_energies(graph).astype(self.reference.dtype)) - self.reference
        return Measured(self.uncertainty.of_graph(graph), energy, self.stage.closest(graph))

    def value(self, by: Perturbation) -> tuple[Float[Array, ""], Measured]:
        """The objective, and what it was made of."""
        measured = self.measured(by)
        return self.objective.value(measured).astype(self.reference.dtype), measured


class Climber(eqx.Module):
    """Where one start is, and how long its next step will be."""

    at: Perturbation
    value: Float[Array, ""]
    measured: Measured
    slope: Perturbation
    step: Float[Array, ""]

    @classmethod
    def begun(cls, case: Case, at: Perturbation) -> "Climber":
        """At a start."""
        (value, measured), slope = _value_and_slope(case, at)
        return cls(at, value, measured, slope, jnp.asarray(_FIRST))

    def climbed(self, case: Case) -> "Climber":
        """One step up, or the same place with a shorter step; never down, never where it is not allowed."""
        at = case.bounds.projected(self.at + case.bounds.uphill(self.slope) * self.step)
        (value, measured), slope = _value_and_slope(case, at)
        better = (value > self.value) & case.feasible.holds(measured)
        there = Climber(at, value, measured, slope, self.step)
        here = eqx.tree_at(lambda c: c.step, self, _SHORTER * self.step)
        return jax.tree.map(lambda new, old: jnp.where(better, new, old), there, here)


def _value_and_slope(case: Case, at: Perturbation):
    (value, measured), slope = jax.value_and_grad(case.value, has_aux=True)(at)
    finite = jnp.isfinite(value) & jnp.all(jnp.isfinite(slope.displacements)) & jnp.all(jnp.isfinite(slope.strain))
    return (jnp.where(finite, value, -jnp.inf), measured), slope


@eqx.filter_jit
def starts(case: Case, keys: PRNGKeyArray, noise: Float[Array, ""]) -> Climber:
    """One climber for each key, `noise` Å from the structure in random directions."""
    like = jnp.full(case.bounds.mobile.shape, noise)

    def one(key):
        share = noise / jnp.maximum(case.bounds.radius, 1e-300)
        return Climber.begun(case, case.bounds.random(key, like, share * case.bounds.strain))

    return jax.lax.map(one, keys)


@eqx.filter_jit
def climb(case: Case, climbers: Climber) -> Climber:
    """All of them, one step."""
    return jax.lax.map(lambda one: one.climbed(case), climbers)


@eqx.filter_jit
def beside_chance(case: Case, climbers: Climber, keys: PRNGKeyArray) -> Measured:
    """Displacements as long as theirs, in random directions."""

    def one(argument):
        climber, key = argument
        return case.measured(case.bounds.random(key, climber.at.lengths, climber.at.bending))

    return jax.lax.map(one, (climbers, keys))
