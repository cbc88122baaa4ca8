"""What a hand-written path loops over: one slot of every atom at a time, added up without temporaries."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from ._base import VOIGT, Edges, Parts, symmetric


class Slot(eqx.Module):
    """One neighbour of each atom."""

    along: list[Float[Array, " atoms"]]
    """x, y, z from the atom to it, Å."""
    r2: Float[Array, " atoms"]
    """Squared distance, Å²; that of the cutoff where `inside` is False."""
    inside: Bool[Array, " atoms"]
    """True where there is one within the cutoff."""
    others: Int[Array, " atoms"]

    def gather(self, values: Shaped[Array, " atoms"]) -> Shaped[Array, " atoms"]:
        """A quantity of atoms, at this neighbour."""
        return values.at[self.others].get(mode="promise_in_bounds")


def look(edges: Edges, slot: Int[Array, ""], cutoff: float) -> Slot:
    """The neighbours in one slot."""
    along = edges.vectors(slot)
    r2 = sum(d * d for d in along)
    limit = jnp.asarray(cutoff**2, r2.dtype)
    inside = (r2 < limit) & edges.neighbors.used(slot)
    return Slot(along, jnp.where(inside, r2, limit), inside, edges.neighbors.others[slot])


class Totals(eqx.Module):
    """Energies, forces and strain derivative while they are added up."""

    energies: Float[Array, " atoms"]
    forces: list[Float[Array, " atoms"]]
    strain: list[Float[Array, " atoms"]]

    @classmethod
    def nothing(cls, edges: Edges) -> "Totals":
        """Zeros."""
        zero = jnp.zeros_like(edges.positions[0])
        return cls(zero, [zero] * 3, [zero] * 6)

    def add(self, slot: Slot, energy: Float[Array, " atoms"], pull: list[Float[Array, " atoms"]]) -> "Totals":
        """One slot more. `energy` is the atom's share of it; `pull` is the derivative of the total energy with
        respect to the vector of the pair, which counts both of its directions: hence half of it in the strain."""
        pull = [jnp.where(slot.inside, component, 0) for component in pull]
        return Totals(
            self.energies + jnp.where(slot.inside, energy, 0),
            [total + component for total, component in zip(self.forces, pull, strict=True)],
            [total + pull[a] * slot.along[b] / 2 for total, (a, b) in zip(self.strain, VOIGT, strict=True)],
        )

    def parts(self) -> Parts:
        """What `fast_compute` returns."""
        strain = symmetric(jnp.stack([total.sum() for total in self.strain]))
        return self.energies, jnp.stack(self.forces), strain


def with_slope(function: Callable[[Array], Array], values: Array) -> tuple[Array, Array]:
    """An elementwise function and its derivative."""
    return jax.jvp(function, (values,), (jnp.ones_like(values),))
