"""Blocks of atoms: what is computed between two passes over memory stays in the cache, and memory stays bounded."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

SIZE = 8192
"""Atoms in a block, at most. A rebuild of 32 000 atoms takes 1.41, 1.32, 1.29 µs per atom with 4096, 8192, 16384."""


def in_blocks(function: Callable[[Int[Array, ""] | int, int], PyTree], atoms: int, size: int = SIZE) -> PyTree:
    """`function(start, size)` for one block of atoms after another, results joined along their last axis.

    Blocks are of one size; where they do not fit exactly the last one begins early, and gives some atoms twice what
    is the same both times.
    """
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
