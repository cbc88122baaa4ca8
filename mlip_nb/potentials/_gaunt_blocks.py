"""The fast path of `Gaunt`: blocks of atoms, so that whatever an atom needs stays in the cache."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..neighbors import in_blocks
from ._base import Edges, Parts, at_opposite_edge
from ._gaunt_layers import Surroundings

if TYPE_CHECKING:
    from ._committee import Committee
    from .gaunt import Gaunt

_SIZE = 125
"""Atoms in a block. Not a power of two: rows of one would fall on the same lines of the cache."""


class Blocks:
    """Edges of a system, block by block."""

    def __init__(self, potential: "Gaunt | Committee", edges: Edges):
        self.potential, self.edges = potential, edges
        self.sites = potential.sites(potential.species(edges.numbers), edges.positions.dtype)
        self.identity = None if self.sites is None else potential.identity(self.sites)

    def around(self, start, size: int) -> Surroundings:
        """Of the atoms in a block."""
        mine = self.edges.block(start, size)
        others = mine.others()
        return Surroundings(
            vectors=_within(mine, others, self.potential.cutoff),
            sites=None if self.sites is None else mine.own(self.sites),
            there=None if self.identity is None else _at(self.identity, others),
        )

    def map(self, function):
        """`function(start, size)` of one block after another, joined along atoms."""
        return in_blocks(function, len(self.edges.numbers), _SIZE)

    def incoming(self, values: Float[Array, "*features slots atoms"]) -> Float[Array, "*features atoms"]:
        """Sums over the edges that end at an atom."""
        table = self.edges.neighbors
        return jnp.sum(at_opposite_edge(values, table.others, table.reverse), axis=-2)

    def parts(self, energies, gradient, virial) -> Parts:
        """From the gradient by vectors, and its product with them for each atom."""
        forces = jnp.sum(gradient, axis=1) - self.incoming(gradient)
        return energies, forces, jnp.sum(virial, axis=-1)


def of_one_layer(potential: "Gaunt | Committee", edges: Edges) -> Parts:
    """Everything an atom has depends on its own edges: one pass."""
    blocks = Blocks(potential, edges)

    def part(start, size: int):
        around = blocks.around(start, size)

        def total(vectors):
            here = around.seen(vectors)
            energies = potential.energies(here, potential.first_features(here))
            return energies.sum(), energies

        gradient, energies = jax.grad(total, has_aux=True)(around.vectors)
        return energies, gradient, around.virial(gradient)

    return blocks.parts(*blocks.map(part))


def of_two_layers(potential: "Gaunt | Committee", edges: Edges) -> Parts:
    """Forwards through the first layer, both ways through the second, and back through the first."""
    blocks = Blocks(potential, edges)

    def first(start, size: int):
        return potential.first_features(blocks.around(start, size))

    features = blocks.map(first)
    told, hear = jax.vjp(potential.tell, features)

    def second(start, size: int):
        around, mine = blocks.around(start, size), edges.block(start, size)

        def total(vectors, told, features):
            here = around.seen(vectors)
            energies = potential.energies(here, potential.second_features(here, told, features))
            return energies.sum(), energies

        inputs = (around.vectors, _at(told, mine.others()), mine.own(features))
        slopes, energies = jax.grad(total, argnums=(0, 1, 2), has_aux=True)(*inputs)
        return energies, *slopes

    energies, direct, heard, own = blocks.map(second)
    slope = own + hear(blocks.incoming(heard))[0]

    def back(start, size: int):
        around, mine = blocks.around(start, size), edges.block(start, size)
        _, pull = jax.vjp(lambda vectors: potential.first_features(around.seen(vectors)), around.vectors)
        gradient = mine.own(direct) + pull(mine.own(slope))[0]
        return gradient, around.virial(gradient)

    return blocks.parts(energies, *blocks.map(back))


def _within(edges: Edges, others, cutoff: float) -> Float[Array, "3 slots atoms"]:
    """Vectors to neighbours; beyond the cutoff where there is none."""
    vectors = jnp.stack(edges.vectors())
    r2 = jnp.sum(vectors**2, axis=0)
    itself = edges.own(jnp.arange(len(edges.numbers), dtype=others.dtype))
    return jnp.where((r2 < cutoff**2) & ((others != itself) | (r2 > 0)), vectors, cutoff)


def _at(values: Float[Array, "*features atoms"], others) -> Float[Array, "*features slots own_atoms"]:
    return values.at[..., others].get(mode="promise_in_bounds")
