"""Products of functions on a sphere: on a grid on which they are exact, even and odd degrees apart."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ._harmonics import harmonics, of_parity

_EXACT = (3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
"""Degrees of Lebedev's rules, SciPy's."""

Halves = tuple[Float[Array, "even channels atoms"], Float[Array, "odd channels atoms"]]
"""Components of even and of odd degree."""


def product(one: Halves, other: Halves, highest: int) -> Halves:
    """Channel by channel, projected back on components up to the highest degree.

    At opposite points functions of even degree are the same and odd ones differ in sign, so half the points tell
    everything: half the work.
    """
    even, odd = ([jnp.asarray(table, one[0].dtype) for table in half] for half in _tables(highest))
    a, b = ((_times(even[0], function[0]), _times(odd[0], function[1])) for function in (one, other))
    return _times(even[1], a[0] * b[0] + a[1] * b[1]), _times(odd[1], a[0] * b[1] + a[1] * b[0])


@functools.cache
def sphere(highest: int) -> tuple[np.ndarray, np.ndarray]:
    """From components to values at points, `[points, components]`, and from values back to components.

    Exact for the product of two functions of that degree, projected on components up to it: Lebedev's rule of three
    times the degree.
    """
    points, weights = _rule(highest)
    with jax.ensure_compile_time_eval():
        values = np.asarray(harmonics([jnp.asarray(axis, float) for axis in points], highest))
    return values.T, values * weights


def _times(table: Float[Array, "rows columns"], values: Float[Array, "columns channels atoms"]):
    """One product of two matrices: of more axes XLA would copy gradients to turn them around."""
    return (table @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])


@functools.cache
def _tables(highest: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Those of `sphere` for components of each parity, at one of each pair of opposite points."""
    (points, _), (to_points, from_points) = _rule(highest), sphere(highest)
    kept = [tuple(point) > tuple(-point) for point in np.round(points.T, 9)]
    return [(to_points[kept, own], 2 * from_points[own, kept]) for own in of_parity(highest)]


@functools.cache
def _rule(highest: int) -> tuple[np.ndarray, np.ndarray]:
    """Points `[3, points]` and their weights, which sum to one."""
    from scipy.integrate import lebedev_rule

    points, weights = lebedev_rule(next(exact for exact in _EXACT if exact >= 3 * highest))
    return points, weights / weights.sum()
