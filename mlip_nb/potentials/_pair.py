"""Potentials of pairs: one elementwise function, and everything else for free."""

import abc
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ._base import AbstractGraphPotential, Edges, FastPath, Graph, Parts, kinds_of_pairs
from ._slots import Totals, look, with_slope


class AbstractPairPotential(AbstractGraphPotential, FastPath):
    """A potential of pairs: write `pair_energy`; the slot loop and dE/dr² come for free.

    A pair has one energy, whichever atom looks: parameters of two species are the same in either order.
    """

    edge_cost: ClassVar[float] = 0.006
    needs_reverse: ClassVar[bool] = False
    divides: ClassVar[bool] = True
    mixes: ClassVar[bool] = True

    @abc.abstractmethod
    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """Energy of a pair of species at squared distance `r2` below the cutoff, eV; elementwise."""

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Half of each pair to either atom; of mixtures the mean over what both may be."""
        r2 = jnp.sum(graph.vectors**2, axis=0)
        if graph.is_mixed:
            return 0.5 * jnp.sum(jnp.where(graph.mask, self._mixed(graph, r2), 0), axis=0)
        other = graph.species.at[graph.others].get(mode="promise_in_bounds")
        pair = self.pair_energy(r2, jnp.broadcast_to(graph.species, r2.shape), other)
        return 0.5 * jnp.sum(jnp.where(graph.mask, pair, 0), axis=0)

    def _mixed(self, graph: Graph, r2: Float[Array, "slots atoms"]) -> Float[Array, "slots atoms"]:
        own, other = kinds_of_pairs(graph)
        pairs = self.pair_energy(jnp.broadcast_to(r2, own.shape), own, other)
        return jnp.einsum("an,bsn,absn->sn", graph.species, graph.gather(graph.species), pairs)

    def fast_compute(self, edges: Edges) -> Parts:
        """Forces are sums over slots of 2 dE/dr² times the vector."""
        edges, species = edges.mine(), self.species(edges.numbers)
        own = edges.own(species)

        def add_pairs(index, totals):
            slot = look(edges, index, self.cutoff)
            other = slot.gather(species)
            energy, slope = with_slope(lambda r2: self.pair_energy(r2, own, other), slot.r2)
            return totals.add_central(slot, slot.only(energy / 2), slot.only(2 * slope))

        return edges.fold(add_pairs, Totals.nothing(edges)).parts(edges)
