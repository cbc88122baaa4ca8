"""What an attack may spend: a share of the energy that random displacements as long cost."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from .perturbation import Bounds, Perturbation

_FREE = 0.05
"""Share of the cost of the longest displacements that any start may spend: first steps are too short to choose."""
_NEAR = 0.05
"""Share of the budget that may be left where steps begin to go along its border."""
_INSIDE = 0.99
"""What corrections aim at, in units of the budget."""

Energy = Callable[[Perturbation], Float[Array, ""]]
"""Since the structure that is attacked, eV."""


class Budget(eqx.Module):
    """A share of the cost of chance."""

    share: Float[Array, ""]
    draws: PRNGKeyArray
    """Of the random displacements that tell what chance costs."""
    least: Float[Array, ""]
    """What may always be spent, eV."""

    @classmethod
    def of(
        cls, share: float, draws: PRNGKeyArray, energy: Energy, bounds: Bounds, lengths: Float[Array, "*beads atoms"]
    ) -> "Budget":
        """With what displacements of these lengths cost, which are the longest there are."""
        bare = cls(jnp.asarray(share), draws, jnp.zeros(()))
        full = bare.chance(energy, bounds, lengths, bounds.strain)
        # Of a potential without walls chance gains energy; what a start may spend is as much then.
        return cls(bare.share, draws, share * _FREE * jnp.abs(full))

    def chance(
        self, energy: Energy, bounds: Bounds, lengths: Float[Array, "*beads atoms"], bending: Float[Array, ""]
    ) -> Float[Array, ""]:
        """Mean energy of random displacements of these lengths, eV."""
        return jnp.mean(jax.vmap(lambda key: energy(bounds.random(key, lengths, bending)))(self.draws))

    def cost(self, energy: Energy, bounds: Bounds, at: Perturbation) -> "Cost":
        """Of one perturbation."""
        spent, slope = jax.value_and_grad(energy)(at)
        share = self.share * self.chance(energy, bounds, at.lengths, at.bending)
        allowed = jnp.maximum(share, self.least)
        # Longer displacements may cost more: the budget grows as their squares do.
        more = jnp.where(share > self.least, 2 * share / jnp.maximum(at.square, 1e-300), 0)
        rising = Perturbation(slope.displacements - more * at.displacements, slope.strain)
        return Cost(spent, allowed, share / jnp.maximum(at.square, 1e-300), rising, bounds.steepest(rising))


class Cost(eqx.Module):
    """What a perturbation costs, and what it may."""

    energy: Float[Array, ""]
    """eV."""
    allowed: Float[Array, ""]
    """eV."""
    growth: Float[Array, ""]
    """Of what it may cost, by the square of all displacements, eV/Å²."""
    slope: Perturbation
    """Of what it costs beyond what it may."""
    dearest: Perturbation
    """The way along which that grows most."""

    @classmethod
    def unknown(cls, at: Perturbation) -> "Cost":
        """Before anything is measured."""
        zero = jnp.zeros(())
        return cls(zero, zero, zero, at * 0.0, at * 0.0)

    @property
    def holds(self) -> Bool[Array, ""]:
        """Whether it is no more than it may be."""
        return self.energy <= self.allowed

    def along_border(self, way: Perturbation) -> Perturbation:
        """The way up; where next to nothing is left, without what would cost more."""
        dearer = self.slope.dot(way)
        tight = (self.energy > (1 - _NEAR) * self.allowed) & (dearer > 0)
        return way + self.dearest * jnp.where(tight, -self._steps(dearer), 0)

    def paid_back(self, budget: Budget, energy: Energy, at: Perturbation) -> Perturbation:
        """Nearer to where the budget suffices, by the slope that is known; the same place where it does."""
        over = energy(at) - _INSIDE * jnp.maximum(self.growth * at.square, budget.least)
        return at + self.dearest * -self._steps(jnp.maximum(over, 0))

    def _steps(self, energy: Float[Array, ""]) -> Float[Array, ""]:
        """How often the slope must be gone down for so much energy; never where there is none."""
        steep = self.slope.dot(self.dearest)
        return jnp.where(steep > 0, energy / jnp.where(steep > 0, steep, 1), 0)
