"""Ring polymers with their centroids on a surface of constant reaction coordinate, and those that leave it."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..simulate import BeadParts, Controls, MDState, Surface
from ._around import AroundPolymer
from .coordinates import AbstractCoordinate
from .integrator import RingPolymer

_ITERATIONS = 6
"""Of Newton's method in one step: it converges quadratically from a timestep away."""


class Constrained(AroundPolymer):
    r"""Ring polymers sampled while the reaction coordinate s of their centroids has a value, `controls["coordinate"]`.

    The middle splitting, where every A ends on the surface and momenta never leave it. Each frame has what a mean over
    the constrained ensemble needs, with $z = \nabla s \cdot M^{-1} \nabla s$ and $w = M^{-1} \nabla s / z$:
    `root` is $z^{-1/2}$, the weight that makes it a conditional mean, and `mean_force`
    $w \cdot \nabla \bar V - k_B T\, \nabla \cdot w$, whose conditional mean is the slope of the free energy.

    ??? cite "Reference"
        B. Leimkuhler, C. Matthews, *Proc. R. Soc. A* **472**, 20160138 (2016), doi:10.1098/rspa.2016.0138;
        W. K. den Otter, W. J. Briels, *J. Chem. Phys.* **109**, 4139 (1998), doi:10.1063/1.477019
    """

    polymer: RingPolymer
    """In the middle splitting."""
    coordinate: AbstractCoordinate
    origin: Float[Array, ""]
    """Value at the start."""
    pulling: int = eqx.field(static=True)
    """Steps in which the surface moves evenly from the origin to where it stays."""

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """B A O A B with the constraint after each letter that breaks it."""
        spelled, target = self.polymer.spelled, self._target(state, controls)
        state = self._glided(spelled(state, "B", controls), controls, target)
        state = self._tangent(spelled(state, "O", controls))
        state = self._glided(state, controls, target)
        _, _, state = self.polymer.felt(state, surface, controls)
        state = self._tangent(spelled(state, "B", controls))
        return eqx.tree_at(lambda s: s.step, state, state.step + 1)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """Nothing while the surface moves; as the polymer later, the work of the constraint being none."""
        return jnp.where(state.step < self.pulling, jnp.nan, self.polymer.conserved(state, potential_energy, controls))

    def observe(self, state: MDState, parts: BeadParts, surface: Surface, controls: Controls) -> dict[str, Array]:
        """The coordinate, what its free energy follows from, and where all beads are."""

        def field(positions):
            slope = slope_at(self.coordinate, state, positions)
            return slope / state.masses / square_of(slope, state)

        forces = parts[1].mean(axis=0)
        bending = controls["temperature"] * _divergence(field, state.positions)
        return {
            "coordinate": value_at(self.coordinate, state, state.positions),
            "root": square_of(slope_at(self.coordinate, state, state.positions), state) ** -0.5,
            "mean_force": -jnp.sum(field(state.positions) * forces) - bending,
            "bead_positions": jax.vmap(state.in_callers_order)(state.beads),
        }

    def _target(self, state: MDState, controls: Controls) -> Float[Array, ""]:
        share = jnp.minimum((state.step + 1) / max(self.pulling, 1), 1).astype(state.positions.dtype)
        return (1 - share) * self.origin.astype(state.positions.dtype) + share * controls["coordinate"]

    def _glided(self, state: MDState, controls: Controls, target: Float[Array, ""]) -> MDState:
        """A, moved back onto the surface along its slope before the move (SHAKE)."""
        along = slope_at(self.coordinate, state, state.positions)
        free = self.polymer.spelled(state, "A", controls)

        def newton(_, positions):
            value = value_at(self.coordinate, state, positions)
            steepness = jnp.sum(slope_at(self.coordinate, state, positions) * along / state.masses)
            return positions + (target - value) / steepness * along / state.masses

        positions = jax.lax.fori_loop(0, _ITERATIONS, newton, free.positions)
        push = (positions - free.positions) * state.masses / (0.5 * self.timestep)
        moved = eqx.tree_at(lambda s: (s.positions, s.momenta), free, (positions, free.momenta + push))
        return self._tangent(moved)

    def _tangent(self, state: MDState) -> MDState:
        """Momenta that leave the coordinate as it is (RATTLE)."""
        slope = slope_at(self.coordinate, state, state.positions)
        speed = jnp.sum(slope * state.momenta / state.masses)
        return eqx.tree_at(lambda s: s.momenta, state, state.momenta - speed / square_of(slope, state) * slope)


class Released(AroundPolymer):
    """Ring polymers without a thermostat, of whose centroids the reaction coordinate is watched."""

    polymer: RingPolymer
    coordinate: AbstractCoordinate

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """As the polymer."""
        return self.polymer.step(state, surface, controls)

    def observe(self, state: MDState, parts: BeadParts, surface: Surface, controls: Controls) -> dict[str, Array]:
        """The coordinate alone."""
        return {"coordinate": value_at(self.coordinate, state, state.positions)}


def value_at(coordinate: AbstractCoordinate, state: MDState, positions: Float[Array, "3 atoms"]) -> Float[Array, ""]:
    """The coordinate of atoms in the order of a state."""
    return coordinate(state.in_callers_order(positions))


def slope_at(
    coordinate: AbstractCoordinate, state: MDState, positions: Float[Array, "3 atoms"]
) -> Float[Array, "3 atoms"]:
    """Its gradient; none by atoms held in place."""
    slope = jax.grad(lambda moved: value_at(coordinate, state, moved))(positions)
    return slope if state.mobile is None else jnp.where(state.mobile, slope, 0)


def square_of(slope: Float[Array, "3 atoms"], state: MDState) -> Float[Array, ""]:
    r"""$z = \nabla s \cdot M^{-1} \nabla s$: mean square of the velocity of s over $k_B T$."""
    return jnp.sum(slope**2 / state.masses)


def _divergence(field, positions: Float[Array, "3 atoms"]) -> Float[Array, ""]:
    """Row by row of its Jacobian: that of many atoms would not fit."""

    def entry(index):
        along = jnp.zeros(positions.size, positions.dtype).at[index].set(1).reshape(positions.shape)
        return jnp.sum(jax.jvp(field, (positions,), (along,))[1] * along)

    return jnp.sum(jax.lax.map(entry, jnp.arange(positions.size)))
