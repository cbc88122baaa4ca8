"""Projected gradient ascent that never goes down."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..potentials import AbstractGraphPotential, Graph
from ..uncertainty import AbstractUncertainty
from .budget import Budget, Cost
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

_CORRECTIONS = 2
"""How often a step is brought back into the budget before it is measured."""


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
    budget: Budget | None = None
    """What a perturbation may cost, where that is not a matter of the objective."""
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
        energy = jnp.mean(each.energy) - self.reference + self._stretching(by)
        square = jnp.mean(each.uncertainty**2, axis=0)
        # The root has no slope at zero.
        uncertainty = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)
        return Measured(uncertainty, energy, jnp.min(each.closest), jnp.max(each.stretch))

    def energy(self, by: Perturbation) -> Float[Array, ""]:
        """The energy alone, which takes less time."""
        return jnp.mean(self._each(self._energy_of, by)) - self.reference + self._stretching(by)

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
        uncertainty = self.uncertainty.of_graph(graph)[jnp.argsort(stage.neighbors.order)]
        return Measured(uncertainty, self._energy_on(graph), stage.closest(graph), stage.stretch(graph))

    def _energy_of(self, stage: Stage, by: Perturbation) -> Float[Array, ""]:
        return self._energy_on(stage.graph(self.uncertainty.potential, by))

    def _energy_on(self, graph: Graph) -> Float[Array, ""]:
        return jnp.sum(self.uncertainty.potential.atomic_energies(graph).astype(self.reference.dtype))

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
    cost: Cost | None

    @classmethod
    def at_start(cls, case: Case, at: Perturbation) -> "Climber":
        """Not yet measured: the first step stays where it is, for no slope is known, and measures."""
        nowhere, atoms = at * 0.0, at.displacements.shape[-2]
        zero = jnp.zeros(())
        measured = Measured(jnp.zeros(atoms), zero, zero, zero)
        cost = None if case.budget is None else Cost.unknown(at)
        return cls(at, zero - jnp.inf, measured, nowhere, nowhere, zero + _FIRST, cost)

    def climbed(self, case: Case) -> "Climber":
        """One step up, or the same place with a shorter step; never down, never where it is not allowed."""
        course = self.course * _KEPT + self._uphill(case)
        at = self._within(case, self.at + course * self.step)
        (value, measured), slope = _value_and_slope(case, at)
        cost = None if case.budget is None else case.budget.cost(case.energy, case.bounds, at)
        better = (value > self.value) & case.feasible.holds(measured) & (True if cost is None else cost.holds)
        there = Climber(at, value, measured, slope, course, self.step * _LONGER, cost)
        here = dataclasses.replace(self, course=self.course * 0.0, step=self.step * _SHORTER)
        return jax.tree.map(lambda new, old: jnp.where(better, new.astype(old.dtype), old), there, here)

    def _uphill(self, case: Case) -> Perturbation:
        """Within a budget straight up, so that few atoms get far; else all of them as far as they may."""
        if self.cost is None:
            return case.bounds.uphill(self.slope)
        return case.bounds.longest(self.cost.along_border(case.bounds.steepest(self.slope)))

    def _within(self, case: Case, at: Perturbation) -> Perturbation:
        """Within the bounds; within the budget, too, as far as the slope of the cost tells."""
        at = case.bounds.projected(at)
        for _ in range(0 if case.budget is None or self.cost is None else _CORRECTIONS):
            at = case.bounds.projected(self.cost.paid_back(case.budget, case.energy, at))
        return at


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
    return jax.vmap(lambda key: Climber.at_start(case, bounds.random(key, like, strain)))(keys)
