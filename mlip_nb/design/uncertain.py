"""How far averages over samples, and slopes of such averages, can be trusted."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

_BLOCKS = 20
_FEWEST = 5
"""Samples of a block."""
_MANY = 100
"""Numbers that are varied, beyond which slopes are taken backwards: once for every block of every average."""


class Uncertain(eqx.Module):
    """What depends on samples, each with its standard error: the objective first, then what is averaged."""

    value: Float[Array, "*starts means"]
    error: Float[Array, "*starts means"]
    slope: Float[Array, "*starts means numbers"]
    slope_error: Float[Array, "*starts means numbers"]


Means = Callable[[Float[Array, " numbers"], Float[Array, " samples"]], tuple[Float[Array, " means"], PyTree]]
"""Of the numbers that are varied, and of logarithms of weights given to samples besides; and anything else."""


def uncertain(means: Means, vector: Float[Array, " numbers"], samples: int) -> tuple[Uncertain, PyTree]:
    r"""Averages, their slopes, and the errors of both, whatever is made of the averages.

    Samples are cut into blocks in the order in which they were drawn. The derivative by the weight of a block is what
    the block contributes, to first order, about zero: so many independent numbers, $c_b$, that $\sum c_b^2 B/(B - 1)$
    is the variance; of a plain average that of the means of blocks. Slopes have contributions that are the slopes of
    those.

    ??? cite "Reference"
        B. Efron, *The Jackknife, the Bootstrap and Other Resampling Plans*, SIAM (1982), chapter 6
    """
    blocks = max(2, min(_BLOCKS, samples // _FEWEST))
    owner = jnp.arange(samples) * blocks // samples

    def found(vector):
        # Pushed forward, and the values with it: those of samples do not depend on weights, and are computed once.
        value, push, rest = jax.linearize(
            lambda emphasis: means(vector, emphasis[owner]), jnp.zeros(blocks), has_aux=True
        )
        both = value, jax.vmap(push, out_axes=-1)(jnp.eye(blocks))
        return both, (both, rest)

    jacobian = jax.jacfwd if vector.size <= _MANY else jax.jacrev
    (slope, slope_parts), ((value, parts), rest) = jacobian(found, has_aux=True)(vector)
    return Uncertain(value, _spread(parts, 1), slope, _spread(slope_parts, 1)), rest


def _spread(parts: Array, axis: int) -> Array:
    blocks = parts.shape[axis]
    return jnp.sqrt(jnp.sum(parts**2, axis=axis) * blocks / (blocks - 1))
