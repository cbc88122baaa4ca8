"""Where walls stand and how they push; a potential inside them."""

import abc
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..potentials import AbstractAround, AbstractPotential, Edges, Parts

_STEEPEST = 0.2
"""In widths; atoms need 26 000 times the strength to come closer to a Lennard-Jones wall."""
_SLOPE = 3 * _STEEPEST**-4 - 6 / 5 * _STEEPEST**-10


class AbstractBarrier(eqx.Module):
    """Where walls are, and how they push."""

    form: eqx.AbstractVar[str]
    strength: eqx.AbstractVar[float]
    width: eqx.AbstractVar[float]

    @abc.abstractmethod
    def depths(self, positions: Float[Array, "3 atoms"]) -> Float[Array, "walls atoms"]:
        """How far atoms are from each wall, Å; negative behind it."""

    def energies(self, positions: Float[Array, "3 atoms"]) -> Float[Array, " atoms"]:
        """Energy of each atom, eV."""
        reduced = self.depths(positions) / self.width
        profile = _harmonic if self.form == "harmonic" else _lennard_jones
        return self.strength * profile(reduced).sum(axis=0)

    def parts(self, positions: Float[Array, "3 atoms"]) -> Parts:
        """What the walls add to energies, forces and strain derivative; they stand still under a strain."""
        energies, back = jax.vjp(self.energies, positions)
        gradient = back(jnp.ones_like(energies))[0]
        return energies, -gradient, gradient @ positions.T


class Planes(AbstractBarrier):
    """Two planes across each of some axes."""

    axes: tuple[int, ...] = eqx.field(static=True)
    ends: Float[Array, "axes 2"]
    form: str = eqx.field(static=True)
    strength: float
    width: float

    def depths(self, positions: Float[Array, "3 atoms"]) -> Float[Array, "walls atoms"]:
        """From the low planes, then from the high ones."""
        along, ends = positions[jnp.array(self.axes)], self.ends.astype(positions.dtype)
        return jnp.concatenate([along - ends[:, :1], ends[:, 1:] - along])


class Sphere(AbstractBarrier):
    """One sphere around everything."""

    center: Float[Array, "3"]
    radius: float
    form: str = eqx.field(static=True)
    strength: float
    width: float

    def depths(self, positions: Float[Array, "3 atoms"]) -> Float[Array, "walls atoms"]:
        """From the surface inwards."""
        square = jnp.sum((positions - self.center[:, None].astype(positions.dtype)) ** 2, axis=0)
        # In the middle the way out has no direction, and the square root no derivative.
        return (self.radius - jnp.sqrt(jnp.maximum(square, 1e-12)))[None]


class Walled(AbstractAround):
    """A potential inside walls. Energies have those of the walls, which belong to the atoms that lean on them."""

    inner: AbstractPotential
    barrier: AbstractBarrier

    @property
    def spec(self):
        """That of the potential inside."""
        return self.inner.spec

    def compute(self, edges: Edges) -> Parts:
        """The sum of both."""
        return self._with_walls(self.inner._in_precision(self.inner.compute)(edges), edges)

    def measure(self, edges: Edges) -> Parts:
        """The sum of both, by the fast path of the potential."""
        return self._with_walls(self.inner.measure(edges), edges)

    def _in_precision(self, parts: Callable[[Edges], Parts]) -> Callable[[Edges], Parts]:
        """Walls stand somewhere: they need the very positions, whatever the potential inside makes of them."""
        return parts

    def _with_walls(self, parts: Parts, edges: Edges) -> Parts:
        return jax.tree.map(jnp.add, parts, self.barrier.parts(edges.positions))


def _harmonic(depth: Float[Array, "walls atoms"]) -> Float[Array, "walls atoms"]:
    return jnp.minimum(depth, 0) ** 2


def _lennard_jones(depth: Float[Array, "walls atoms"]) -> Float[Array, "walls atoms"]:
    """2/15 d⁻⁹ - d⁻³, and a straight line where nobody ever comes: finite behind the wall, too."""
    energy = _nine_three(jnp.maximum(depth, _STEEPEST))
    return energy + _SLOPE * jnp.minimum(depth - _STEEPEST, 0)


def _nine_three(depth):
    return 2 / 15 * depth**-9 - depth**-3
