"""Blocks of atoms: what is computed between two passes over memory stays in the cache, and memory stays bounded."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ._crew import everywhere, share_of

SIZE = 8192
"""Atoms in a block, at most. A rebuild of 32 000 atoms takes 1.41, 1.32, 1.29 µs per atom with 4096, 8192, 16384."""


def in_blocks(function: Callable[[Int[Array, ""] | int, int], PyTree], atoms: int, size: int = SIZE) -> PyTree:
    """`function(start, size)` for one block of atoms after another, results joined along their last axis.

    Blocks have at most `size` atoms, all as many; the last one may begin early and give some atoms twice what is the
    same both times. The devices of a crew share the blocks.
    """
    begin, own = share_of(atoms)
    parts = _one_after_another(lambda start, block: function(begin + start, block), own, size)
    return jax.tree.map(lambda part: everywhere(part, atoms), parts)


def _one_after_another(function: Callable[[Int[Array, ""] | int, int], PyTree], atoms: int, size: int) -> PyTree:
    count = max(1, -(-atoms // size))
    size = -(-atoms // count)
    if count == 1:
        return function(0, size)

    def body(index, joined):
        start = jnp.minimum(index * size, atoms - size)
        return jax.tree.map(
            lambda whole, part: jax.lax.dynamic_update_slice_in_dim(whole, part, start, axis=-1),
            joined,
            function(start, size),
        )

    parts = jax.eval_shape(lambda: function(0, size))
    joined = jax.tree.map(lambda part: jnp.zeros((*part.shape[:-1], atoms), part.dtype), parts)
    return jax.lax.fori_loop(0, count, body, joined)
