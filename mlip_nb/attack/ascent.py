"""Projected gradient ascent that never goes down."""

import dataclasses
from collections.abc import Callable

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
_TINY = 1e-300
"""What keeps roots and divisions finite."""
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
    """One uncertainty, one objective, and what is attacked: a structure, several at once, or a ring polymer."""

    stage: Stage
    """With an axis in front where there are several structures."""
    bounds: Bounds
    uncertainty: AbstractUncertainty
    reference: Float[Array, ""]
    """Energy of what is attacked, eV; of several structures their mean."""
    feasible: Feasible
    objective: Objective = eqx.field(static=True)
    springs: Float[Array, " atoms"] | None = None
    """Between beads, eV/Å²: of squared distances the sum over beads is what they cost."""
    beads: int = eqx.field(static=True, default=1)
    structures: int = eqx.field(static=True, default=1)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of lengths of displacements."""
        atoms = self.bounds.mobile.shape
        return atoms if self.springs is None else (self.beads, *atoms)

    def measured(self, by: Perturbation) -> Measured:
        """Uncertainty and energy after the perturbation; of several structures, or beads, taken together."""
        each = self.each(by)
        square = jnp.mean(each.uncertainty**2, axis=0)
        # The root has no slope at zero.
        uncertainty = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)
        energy = jnp.mean(each.energy) - self.reference + self._stretching(by)
        return Measured(uncertainty, energy, jnp.min(each.closest), jnp.max(each.stretch))

    def each(self, by: Perturbation) -> Measured:
        """Of each structure, or each bead; energies as the potential has them."""
        return self._each(self._of, by)

    def moved(self, by: Perturbation) -> tuple[Float[Array, "each atoms 3"], Float[Array, "each 3 3"]]:
        """Positions and cells of each."""
        moved = self._each(Stage.moved, by)
        return moved.positions, moved.cell

    def value(self, by: Perturbation) -> tuple[Float[Array, ""], Measured]:
        """The objective, and what it was made of."""
        measured = self.measured(by)
        return self.objective.value(measured).astype(self.reference.dtype), measured

    def _of(self, stage: Stage, by: Perturbation) -> Measured:
        potential: AbstractGraphPotential = self.uncertainty.potential
        graph = stage.graph(potential, by)
        energy = jnp.sum(potential.atomic_energies(graph).astype(self.reference.dtype))
        uncertainty = self.uncertainty.of_graph(graph)[jnp.argsort(stage.neighbors.order)]
        return Measured(uncertainty, energy, stage.closest(graph), stage.stretch(graph))

    def _each(self, function: Callable, by: Perturbation):
        """`function(stage, perturbation)` of each."""
        if self.springs is not None:
            return jax.vmap(lambda bead: function(self.stage, Perturbation(bead, by.strain)))(by.displacements)
        if self.structures > 1:
            return jax.vmap(lambda stage: function(stage, by))(self.stage)
        return jax.tree.map(lambda leaf: leaf[None], function(self.stage, by))

    def _stretching(self, by: Perturbation) -> Float[Array, ""] | float:
        """Of springs between beads that follow each other, eV."""
        if self.springs is None:
            return 0.0
        apart = by.displacements - jnp.roll(by.displacements, -1, axis=0)
        return jnp.sum(self.springs[:, None] * apart**2)


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
        nowhere, atoms = at * 0.0, at.displacements.shape[-2]
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
    return climb(case, _placed(case, keys, noise))


@eqx.filter_jit
def climb(case: Case, climbers: Climber) -> Climber:
    """All of them, one step."""
    return jax.lax.map(lambda one: one.climbed(case), climbers)


@eqx.filter_jit
def beside_chance(case: Case, climbers: Climber, keys: PRNGKeyArray) -> tuple[Perturbation, Measured]:
    """Displacements as long as theirs, in random directions, and what comes of them; a row of keys for each."""

    def one(argument):
        climber, keys = argument
        by = jax.vmap(lambda key: case.bounds.random(key, climber.at.lengths, climber.at.bending))(keys)
        return by, jax.vmap(case.measured)(by)

    return jax.lax.map(one, (climbers, keys))


@eqx.filter_jit
def _placed(case: Case, keys: PRNGKeyArray, noise: Float[Array, ""]) -> Climber:
    bounds, like = case.bounds, jnp.full(case.shape, noise)
    strain = noise / jnp.maximum(bounds.radius, _TINY) * bounds.strain
    return jax.vmap(lambda key: Climber.at_start(bounds.random(key, like, strain)))(keys)
