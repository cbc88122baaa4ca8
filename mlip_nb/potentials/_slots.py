"""What a hand-written path loops over: one slot of every atom at a time, added up without temporaries."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from ..neighbors import everywhere, summed
from ._base import VOIGT, Edges, Parts, symmetric


class Slot(eqx.Module):
    """One neighbour of each atom; in a crew, of each of this device's own atoms."""

    along: list[Float[Array, " atoms"]]
    """x, y, z from the atom to it, Å."""
    r2: Float[Array, " atoms"]
    """Squared distance, Å²; that of the cutoff where `inside` is False."""
    inside: Bool[Array, " atoms"]
    """True where there is one within the cutoff."""
    others: Int[Array, " atoms"]

    def only(self, values: Float[Array, " atoms"]) -> Float[Array, " atoms"]:
        """Zero where there is no neighbour."""
        return jnp.where(self.inside, values, 0)

    def gather(self, values: Shaped[Array, " all_atoms"]) -> Shaped[Array, " atoms"]:
        """A quantity of all atoms, at this neighbour."""
        return values.at[self.others].get(mode="promise_in_bounds")


def look(edges: Edges, slot: Int[Array, ""], cutoff: float) -> Slot:
    """The neighbours in one slot."""
    along, others = edges.vectors(slot), edges.others(slot)
    r2 = sum(d * d for d in along)
    limit = jnp.asarray(cutoff**2, r2.dtype)
    # An unused slot holds the atom itself, at no distance; where there is none, r² becomes that of the cutoff. So r²
    # alone tells what is inside, and to compare again wherever that is needed is cheaper than to store and load the
    # answer: 0.7 of the time of the forces.
    itself = edges.own(jnp.arange(edges.positions.shape[1], dtype=others.dtype))
    r2 = jnp.where((r2 < limit) & ((others != itself) | (r2 > 0)), r2, limit)
    return Slot(along, r2, r2 < limit, others)


class Totals(eqx.Module):
    """Energies, forces and strain derivative while they are added up."""

    energies: Float[Array, " atoms"]
    forces: list[Float[Array, " atoms"]]
    strain: list[Float[Array, " atoms"]]
    """Six components, or the trace alone."""

    @classmethod
    def nothing(cls, edges: Edges) -> "Totals":
        """Zeros."""
        zero = jnp.zeros_like(edges.others(0), edges.positions.dtype)
        return cls(zero, [zero] * 3, [zero] * (1 if edges.hydrostatic else len(VOIGT)))

    def add(self, slot: Slot, energy: Float[Array, " atoms"], pull: list[Float[Array, " atoms"]]) -> "Totals":
        """One slot more. `energy` is the atom's share of it; `pull` is the derivative of the total energy with
        respect to the vector of the pair, which counts both of its directions: hence half of it in the strain.
        Both are zero where there is no neighbour."""
        if len(self.strain) == 1:
            strain = [sum(p * d for p, d in zip(pull, slot.along, strict=True))]
        else:
            strain = [pull[a] * slot.along[b] for a, b in VOIGT]
        return self._plus(energy, pull, strain)

    def add_central(self, slot: Slot, energy: Float[Array, " atoms"], scale: Float[Array, " atoms"]) -> "Totals":
        """The same for a pull of `scale` times the vector."""
        pull = [scale * d for d in slot.along]
        return self._plus(energy, pull, [scale * slot.r2]) if len(self.strain) == 1 else self.add(slot, energy, pull)

    def parts(self, edges: Edges) -> Parts:
        """What `fast_compute` returns."""
        atoms = edges.positions.shape[1]
        sums = jnp.stack([summed(total, atoms) for total in self.strain])
        strain = symmetric(sums) if len(sums) > 1 else sums / 3 * jnp.eye(3, dtype=sums.dtype)
        return everywhere(self.energies, atoms), everywhere(jnp.stack(self.forces), atoms), strain

    def _plus(self, energy, pull, strain) -> "Totals":
        return Totals(
            self.energies + energy,
            [total + component for total, component in zip(self.forces, pull, strict=True)],
            [total + component / 2 for total, component in zip(self.strain, strain, strict=True)],
        )


def with_slope(function: Callable[[Array], Array], values: Array) -> tuple[Array, Array]:
    """An elementwise function and its derivative."""
    return jax.jvp(function, (values,), (jnp.ones_like(values),))
