"""Ways downhill, an evaluation a step: FIRE and L-BFGS."""

import abc
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .coordinates import Point, Vector

_LONGEST = 0.2
"""Å, that a coordinate may change in one step."""


class AbstractMinimiser(eqx.Module):
    """Proposes a place, and learns from what is there."""

    @abc.abstractmethod
    def begin(self, start: Point) -> Any:
        """What is known before the first step."""

    @abc.abstractmethod
    def propose(self, memory: Any, here: Point) -> tuple[Vector, Any]:
        """Where to look next."""

    @abc.abstractmethod
    def judge(self, memory: Any, here: Point, there: Point) -> tuple[Point, Any]:
        """Where to go on from."""

    @abc.abstractmethod
    def cautious(self, memory: Any) -> Any:
        """After a step that was too long."""


class Momentum(eqx.Module):
    """What FIRE carries."""

    velocity: Vector
    timestep: Float[Array, ""]
    mixing: Float[Array, ""]
    downhill: Int[Array, ""]
    """Steps since it last went uphill."""


class FIRE(AbstractMinimiser):
    """Damped dynamics that speeds up on the way down and stops where it turns up.

    ??? cite "Reference"
        E. Bitzek, P. Koskinen, F. Gähler, M. Moseler, P. Gumbsch, *Phys. Rev. Lett.* **97**, 170201 (2006),
        doi:10.1103/PhysRevLett.97.170201
    """

    shortest: float = 0.1
    longest: float = 1.0
    """Time step at first and at most, in the units of eV, Å and a mass of one."""

    def begin(self, start: Point) -> Momentum:
        """At rest."""
        number = jnp.asarray(self.shortest, start.x.dtype)
        return Momentum(jnp.zeros_like(start.x), number, jnp.full_like(number, 0.1), jnp.zeros((), jnp.int32))

    def propose(self, memory: Momentum, here: Point) -> tuple[Vector, Momentum]:
        """Along the velocity, turned towards the force."""
        force, v = -here.slope, memory.velocity
        along = jnp.vdot(force, v) > 0
        turned = (1 - memory.mixing) * v + memory.mixing * force * _length(v) / jnp.maximum(_length(force), 1e-300)
        faster = along & (memory.downhill >= 5)
        timestep = jnp.where(
            faster,
            jnp.minimum(1.1 * memory.timestep, self.longest),
            jnp.where(along, memory.timestep, 0.5 * memory.timestep),
        )
        mixing = jnp.where(along, jnp.where(faster, 0.99 * memory.mixing, memory.mixing), 0.1)
        velocity = jnp.where(along, turned, 0) + timestep * force
        downhill = jnp.where(along, memory.downhill + 1, 0)
        return here.x + _cut(timestep * velocity), Momentum(velocity, timestep, mixing, downhill)

    def judge(self, memory: Momentum, here: Point, there: Point) -> tuple[Point, Momentum]:
        """Always there: what went up is seen by the next step."""
        return there, memory

    def cautious(self, memory: Momentum) -> Momentum:
        """At rest, with a short step."""
        return Momentum(0 * memory.velocity, 0.5 * memory.timestep, memory.mixing, 0 * memory.downhill)


class Curvatures(eqx.Module):
    """What L-BFGS carries: the latest steps, newest last, and how slopes changed; zeros where there was none."""

    steps: Float[Array, "kept coordinates"]
    changes: Float[Array, "kept coordinates"]
    share: Float[Array, ""]
    """Of the proposed step that is taken."""


class LBFGS(AbstractMinimiser):
    """Newton's step with curvatures from the latest slopes; never up.

    ??? cite "Reference"
        D. C. Liu and J. Nocedal, *Math. Program.* **45**, 503 (1989), doi:10.1007/BF01589116
    """

    kept: int = eqx.field(static=True, default=20)
    softness: float = 1 / 70
    """Å²/eV, of everything before curvatures are known."""

    def begin(self, start: Point) -> Curvatures:
        """Nothing is known."""
        none = jnp.zeros((self.kept, len(start.x)), start.x.dtype)
        return Curvatures(none, none, jnp.ones((), start.x.dtype))

    def propose(self, memory: Curvatures, here: Point) -> tuple[Vector, Curvatures]:
        """By the two loops over what is known."""
        products = jnp.sum(memory.steps * memory.changes, axis=1)
        inverse = jnp.where(products > 0, 1 / jnp.where(products > 0, products, 1), 0)
        known = (memory.steps, memory.changes, inverse)

        def back(slope, one):
            step, change, weight = one
            share = weight * jnp.vdot(step, slope)
            return slope - share * change, share

        slope, shares = jax.lax.scan(back, here.slope, known, reverse=True)
        last = jnp.sum(memory.changes[-1] ** 2)
        soft = jnp.where(inverse[-1] > 0, products[-1] / jnp.where(last > 0, last, 1), self.softness)

        def forth(along, one):
            (step, change, weight), share = one
            return along + step * (share - weight * jnp.vdot(change, along)), None

        along, _ = jax.lax.scan(forth, soft * slope, (known, shares))
        # Curvatures that are out of date may point up.
        along = jnp.where(jnp.vdot(along, here.slope) > 0, along, self.softness * here.slope)
        return here.x - memory.share * _cut(along), memory

    def judge(self, memory: Curvatures, here: Point, there: Point) -> tuple[Point, Curvatures]:
        """There if it is lower, or as low to rounding and flatter; else a shorter step."""
        flatter = _length(there.slope) < _length(here.slope)
        lower = (there.value < here.value) | ((there.value <= here.value + here.rounding) & flatter)
        step, change = there.x - here.x, there.slope - here.slope
        curved = jnp.vdot(step, change) > 1e-10 * _length(step) * _length(change)
        learned = Curvatures(
            _pushed(memory.steps, step, curved), _pushed(memory.changes, change, curved), jnp.ones_like(memory.share)
        )
        kept = jax.tree.map(lambda one, other: jnp.where(lower, one, other), learned, self.cautious(memory))
        return jax.tree.map(lambda one, other: jnp.where(lower, one, other), there, here), kept

    def cautious(self, memory: Curvatures) -> Curvatures:
        """A shorter step; after several of them nothing is known any more."""
        shorter = memory.share / 4
        lost = shorter < 0.01
        return Curvatures(
            jnp.where(lost, 0, memory.steps), jnp.where(lost, 0, memory.changes), jnp.where(lost, 0.25, shorter)
        )


def _pushed(rows, row, new):
    """With a row more at the end; as before where there is nothing new."""
    return jnp.where(new, jnp.concatenate([rows[1:], row[None]]), rows)


def _cut(step: Vector) -> Vector:
    """No coordinate changes by more than the longest."""
    return step * jnp.minimum(1.0, _LONGEST / jnp.maximum(jnp.max(jnp.abs(step)), 1e-300))


def _length(vector: Vector) -> Float[Array, ""]:
    return jnp.sqrt(jnp.sum(vector**2))
