"""What it costs to come from a design to another structure."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..errors import InputError
from .freedom import Freedom
from .medium import Arrangement, Medium, Stage
from .quantity import quantity
from .relaxation import Energy

_STEPS = 100
_LONGEST = 0.2
"""Å, of a step."""
_FORCE, _LEFT = 1e-9, 1e-6
"""eV/Å at which the search ends, and that a saddle may have."""
_FLATTEST = 1e-3
"""Curvature, eV/Å², below which a direction counts as that."""


class Crossing:
    """Quantities of a material."""

    @quantity("eV")
    def barrier(self) -> Float[Array, ""]:
        """From the design to the end that is given, eV: the energy of the saddle between them over its own.

        No number where that saddle is lost.

        **Raises:** `InputError` where no end is given.
        """
        saddle = self._conditions.saddle
        if saddle is None:
            raise InputError("barrier needs the structure at the other side; give --end, a structure of the same atoms")
        return saddle.energy(self._stage, self._medium, self._here) - self.energy


class Saddle(eqx.Module):
    """Where the top of a path is, as seen from its beginning."""

    away: Float[Array, "atoms 3"]
    """In units of the lattice vectors, of the cell as it was; Å where there is no cell."""
    freedom: Freedom

    def energy(self, stage: Stage, medium: Medium, beginning: Arrangement) -> Float[Array, ""]:
        """Of the saddle, eV.

        Its energy has no slope by its own coordinates, so that they may be held fixed when it is differentiated.
        """
        start = Arrangement(beginning.positions + self.away @ beginning.cell, beginning.cell)
        table = stage.neighbors(start)

        def energy(along, given):
            medium, start = given
            return stage.energy(medium, table, self.freedom.changed(along, start))

        top, found = climbed(energy, jnp.zeros(self.freedom.size), jax.lax.stop_gradient((medium, start)))
        found = found & stage.serves(medium, table, self.freedom.changed(top, start))
        return jnp.where(found, energy(top, (medium, start)), jnp.nan)


def climbed(
    energy: Energy, start: Float[Array, " coordinates"], given
) -> tuple[Float[Array, " coordinates"], Bool[Array, ""]]:
    """The saddle near a start, and whether it is one: no force, and one direction in which the energy falls.

    Steps go up along the softest direction and down along all others, each as far as its curvature says.

    ??? cite "Reference"
        A. Banerjee, N. Adams, J. Simons, R. Shepard, *J. Phys. Chem.* **89**, 52 (1985), doi:10.1021/j100247a015
    """
    look = jax.grad(energy)

    def modes(at):
        return jnp.linalg.eigh(jax.jacfwd(look)(at, given))

    def go_on(state):
        _, slope, steps = state
        return (jnp.max(jnp.abs(slope)) > _FORCE) & (steps < _STEPS)

    def step(state):
        at, slope, steps = state
        curvatures, directions = modes(at)
        parts = directions.T @ slope / jnp.maximum(jnp.abs(curvatures), _FLATTEST)
        move = directions @ parts.at[1:].multiply(-1.0)
        move = move * jnp.minimum(1.0, _LONGEST / jnp.maximum(jnp.max(jnp.abs(move)), 1e-300))
        there = at + move
        return there, look(there, given), steps + 1

    start = jax.lax.stop_gradient(start)
    top, slope, _ = jax.lax.while_loop(go_on, step, (start, look(start, given), jnp.zeros((), int)))
    falls = jnp.sum(modes(top)[0] < 0)
    return top, (jnp.max(jnp.abs(slope)) < _LEFT) & (falls == 1)
