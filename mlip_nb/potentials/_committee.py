"""Several potentials of one form as one: their mean, what each of them says, and how far they differ."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ._base import AbstractGraphPotential, Edges, FastPath, Graph, Parts
from ._gaunt_blocks import of_one_layer, of_two_layers
from ._gaunt_layers import Surroundings

if TYPE_CHECKING:
    from .gaunt import Gaunt, GauntSpec

EachParts = tuple[Float[Array, "members atoms"], Float[Array, "members 3 atoms"], Float[Array, "members 3 3"]]
"""`Parts` of every member."""


class Committee(AbstractGraphPotential, FastPath):
    """The mean of several `Gaunt`, in one program: distances, directions and, of one element, densities are shared."""

    members: "Gaunt"
    """All of them: every array has one more axis in front."""
    cutoff: float = eqx.field(static=True)
    spec: "GauntSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 0.6
    mixes: ClassVar[bool] = True

    @classmethod
    def of(cls, members: "Sequence[Gaunt]", spec: "GauntSpec") -> "Committee":
        """Of potentials that differ in nothing but their weights; `spec` is that of the committee."""
        alike = [_renamed(member, members[0].spec) for member in members]
        stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *alike)
        return cls(stacked, members[0].cutoff, spec)

    def member(self, index: int) -> "Gaunt":
        """One of them."""
        one = jax.tree.map(lambda leaf: leaf[index], self.members)
        return _renamed(one, self.spec.of_member(index))

    def some(self, count: int) -> "Committee | Gaunt":
        """The first of them."""
        if count == 1:
            return self.member(0)
        first = jax.tree.map(lambda leaf: leaf[:count], self.members)
        return Committee(first, self.cutoff, self.spec.replace(members=count))

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """The mean."""
        return jnp.mean(self.each(lambda member: member.atomic_energies(graph)), axis=0)

    def fast_compute(self, edges: Edges) -> Parts:
        """The mean in blocks of atoms; gradients of members are added up before they reach the edges."""
        return (of_one_layer if self.members.messages is None else of_two_layers)(self, edges)

    def measure_each(self, edges: Edges) -> EachParts:
        """What every member gives, with an axis for members in front: forces differ where the committee is unsure."""
        return self._in_precision(lambda edges: self.each(lambda member: member.fast_compute(edges)))(edges)

    def features(self, graph: Graph) -> Float[Array, "members features atoms"]:
        """Of each member."""
        return self.each(lambda member: member.features(graph))

    def each(self, function: Callable, *mapped):
        """`function(member, *mapped)` of every member, each with its own of what is mapped."""
        return eqx.filter_vmap(function, in_axes=(eqx.if_array(0), *(0 for _ in mapped)))(self.members, *mapped)

    # What blocks of atoms ask for: as one `Gaunt` has it, with an axis for members in front.

    def sites(self, species: Array, dtype) -> Float[Array, "elements atoms"] | None:
        """Species as weights of elements, which members do not differ in."""
        return self.members.sites(species, dtype)

    def identity(self, sites: Float[Array, "elements atoms"]) -> Float[Array, "members identity atoms"]:
        """What tells elements of neighbours apart, to each member."""
        return self.each(lambda member: member.identity(sites))

    def first_features(self, around: Surroundings) -> Float[Array, "members features atoms"]:
        """Of atoms that know their neighbours only."""
        return self._around(lambda member, around: member.first_features(around), around)

    def tell(self, features: Float[Array, "members features atoms"]) -> Float[Array, "members densities atoms"]:
        """Messages of atoms to their neighbours."""
        return self.each(lambda member, features: member.tell(features), features)

    def second_features(self, around: Surroundings, told, features) -> Float[Array, "members features atoms"]:
        """Features of both layers."""
        return self._around(
            lambda member, around, told, features: member.second_features(around, told, features),
            around,
            told,
            features,
        )

    def energies(self, around: Surroundings, features) -> Float[Array, " atoms"]:
        """The mean, of atoms with these features."""
        return jnp.mean(self._around(lambda member, a, f: member.energies(a, f), around, features), axis=0)

    def _around(self, function: Callable, around: Surroundings, *mapped):
        if around.there is None:
            return self.each(lambda member, *mine: function(member, around, *mine), *mapped)
        return self.each(
            lambda member, there, *mine: function(member, Surroundings(around.vectors, around.sites, there), *mine),
            around.there,
            *mapped,
        )


def _renamed(member: "Gaunt", spec: "GauntSpec") -> "Gaunt":
    return dataclasses.replace(member, spec=spec)
