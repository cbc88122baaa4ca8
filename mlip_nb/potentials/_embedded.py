"""Pairs, and atoms embedded in the density of their neighbours: the form common to metals."""

import abc
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ..neighbors import everywhere
from ._base import AbstractGraphPotential, Edges, FastPath, Graph, Parts
from ._slots import Slot, Totals, look, with_slope


class AbstractEmbeddedAtom(AbstractGraphPotential, FastPath):
    r"""$E_i = F(\rho_i) + \tfrac12 \sum_j \varphi(r_{ij})$ with $\rho_i = \sum_j \rho(r_{ij})$."""

    cutoff: eqx.AbstractVar[float]
    edge_cost: ClassVar[float] = 0.03
    needs_reverse: ClassVar[bool] = False
    divides: ClassVar[bool] = True

    @abc.abstractmethod
    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """Energy of a pair at squared distance `r2`, eV; elementwise."""

    @abc.abstractmethod
    def density(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """What a neighbour of species `other` adds to the density at an atom of species `own`; elementwise."""

    @abc.abstractmethod
    def embedding(self, density: Float[Array, " atoms"], species: Int[Array, " atoms"]) -> Float[Array, " atoms"]:
        """Energy of an atom in a density, eV; elementwise, finite and flat at zero density."""

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Embedding, and half of each pair to either atom."""
        r2 = jnp.sum(graph.vectors**2, axis=0)
        own = jnp.broadcast_to(graph.species, r2.shape)
        other = graph.species.at[graph.others].get(mode="promise_in_bounds")
        density = jnp.sum(jnp.where(graph.mask, self.density(r2, own, other), 0), axis=0)
        pair = jnp.sum(jnp.where(graph.mask, self.pair_energy(r2, own, other), 0), axis=0)
        return self.embedding(density, graph.species) + 0.5 * pair

    def fast_compute(self, edges: Edges) -> Parts:
        """One loop for the densities, one for all the rest."""
        edges, species = edges.mine(), self.species(edges.numbers)
        own = edges.own(species)

        def add_density(index, total):
            slot = look(edges, index, self.cutoff)
            return total + slot.only(self.density(slot.r2, own, slot.gather(species)))

        density = edges.fold(add_density, jnp.zeros_like(own, edges.positions.dtype))
        energy, slope = with_slope(lambda density: self.embedding(density, own), density)
        slopes = everywhere(slope, len(species))

        def add_pairs(index, totals):
            slot = look(edges, index, self.cutoff)
            pair, scale = self._pair(slot, own, slot.gather(species), slope, slot.gather(slopes))
            return totals.add_central(slot, slot.only(pair / 2), slot.only(scale))

        start = eqx.tree_at(lambda totals: totals.energies, Totals.nothing(edges), energy)
        return edges.fold(add_pairs, start).parts(edges)

    def _pair(self, slot: Slot, own, other, slope, slope_there):
        """Pair energy, and twice the derivative of the total energy with respect to r²."""
        pair, steepness = with_slope(lambda r2: self.pair_energy(r2, own, other), slot.r2)
        _, here = with_slope(lambda r2: self.density(r2, own, other), slot.r2)
        _, there = with_slope(lambda r2: self.density(r2, other, own), slot.r2)
        return pair, 2 * (steepness + slope * here + slope_there * there)
