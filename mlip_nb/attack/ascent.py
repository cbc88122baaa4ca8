"""Projected gradient ascent that never goes down."""

import dataclasses

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
_SHORTER, _LONGER = 0.5, 1.2
"""What a step is made shorter by when it was refused, and longer by when it was taken."""
_KEPT = 0.6
"""How much of the last step's direction the next one keeps: without it, steps zigzag across stiff bonds."""


class Feasible(eqx.Module):
    """What every structure on the way must have."""

    energy: Float[Array, ""]
    """eV above the structure that is attacked, at most."""
    closest: Float[Array, ""]
    """Shortest distance over the sum of covalent radii, at least."""
    stretch: Float[Array, ""]
    """Change of a bond, relative to its length, at most."""

    def holds(self, measured: Measured) -> Bool[Array, ""]:
        """True within all of them."""
        apart = (measured.closest >= self.closest) & (measured.stretch <= self.stretch)
        return apart & (measured.energy <= self.energy)


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
        return Measured(self.uncertainty.of_graph(graph), energy, self.stage.closest(graph), self.stage.stretch(graph))

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
    course: Perturbation
    """Where the last step went, in units of the bounds; nowhere after one that was refused."""
    step: Float[Array, ""]

    @classmethod
    def at_start(cls, at: Perturbation) -> "Climber":
        """Not yet measured: the first step stays where it is, for no slope is known, and measures."""
        nowhere, atoms = at * 0.0, len(at.displacements)
        zero = jnp.zeros(())
        return cls(at, zero - jnp.inf, Measured(jnp.zeros(atoms), zero, zero, zero), nowhere, nowhere, zero + _FIRST)

    def climbed(self, case: Case) -> "Climber":
        """One step up, or the same place with a shorter step; never down, never where it is not allowed."""
        course = self.course * _KEPT + case.bounds.uphill(self.slope)
        at = case.bounds.projected(self.at + course * self.step)
        (value, measured), slope = _value_and_slope(case, at)
        better = (value > self.value) & case.feasible.holds(measured)
        there = Climber(at, value, measured, slope, course, self.step * _LONGER)
        here = dataclasses.replace(self, course=self.course * 0.0, step=self.step * _SHORTER)
        return jax.tree.map(lambda new, old: jnp.where(better, new.astype(old.dtype), old), there, here)


def _value_and_slope(case: Case, at: Perturbation):
    (value, measured), slope = jax.value_and_grad(case.value, has_aux=True)(at)
    finite = jnp.isfinite(value) & jnp.all(jnp.isfinite(slope.displacements)) & jnp.all(jnp.isfinite(slope.strain))
    return (jnp.where(finite, value, -jnp.inf), measured), slope


def starts(case: Case, keys: PRNGKeyArray, noise: Float[Array, ""]) -> Climber:
    """One climber for each key, `noise` Å from the structure in random directions; measured.

    Its objective is minus infinity where a start is not allowed.
    """
    return climb(case, _placed(case.bounds, keys, noise))


@eqx.filter_jit
def climb(case: Case, climbers: Climber) -> Climber:
    """All of them, one step."""
    return jax.lax.map(lambda one: one.climbed(case), climbers)


@eqx.filter_jit
def beside_chance(case: Case, climbers: Climber, keys: PRNGKeyArray) -> tuple[Perturbation, Measured]:
    """Displacements as long as theirs, in random directions, and what comes of them."""

    def one(argument):
        climber, key = argument
        by = case.bounds.random(key, climber.at.lengths, climber.at.bending)
        return by, case.measured(by)

    return jax.lax.map(one, (climbers, keys))


@eqx.filter_jit
def _placed(bounds: Bounds, keys: PRNGKeyArray, noise: Float[Array, ""]) -> Climber:
    like = jnp.full(bounds.mobile.shape, noise)
    strain = noise / jnp.maximum(bounds.radius, 1e-300) * bounds.strain
    return jax.vmap(lambda key: Climber.at_start(bounds.random(key, like, strain)))(keys)
