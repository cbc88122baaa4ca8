"""Real spherical harmonics, and a grid on the sphere on which their products are exact."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_EXACT = (3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
"""Degrees of Lebedev's rules, SciPy's."""


def degrees(highest: int) -> list[int]:
    """The degree of each component, in order."""
    return [degree for degree in range(highest + 1) for _ in range(2 * degree + 1)]


def harmonics(unit: list[Float[Array, "*edges"]], highest: int) -> Float[Array, "components *edges"]:
    """All real spherical harmonics up to a degree, of unit vectors given by components.

    Their mean square over the sphere is one. Polynomials, by recursion: smooth wherever the vector is.
    """
    x, y, z = unit
    around = [(jnp.ones_like(x), jnp.zeros_like(x))]
    for _ in range(highest):
        cosine, sine = around[-1]
        around.append((cosine * x - sine * y, sine * x + cosine * y))
    legendre = _legendre(z, highest)
    components = []
    for degree in range(highest + 1):
        components.append(math.sqrt(2 * degree + 1) * legendre[degree, 0])
        for order in range(1, degree + 1):
            ratio = math.factorial(degree - order) / math.factorial(degree + order)
            scaled = math.sqrt(2 * (2 * degree + 1) * ratio) * legendre[degree, order]
            components += [scaled * around[order][0], scaled * around[order][1]]
    return jnp.stack(components)


def _legendre(z, highest: int) -> dict:
    """Associated Legendre functions over the power of the sine that the other factor has."""
    values = {}
    for order in range(highest + 1):
        values[order, order] = jnp.full_like(z, math.prod(range(1, 2 * order, 2)))
        if order < highest:
            values[order + 1, order] = (2 * order + 1) * z * values[order, order]
        for degree in range(order + 2, highest + 1):
            lower = (2 * degree - 1) * z * values[degree - 1, order] - (degree + order - 1) * values[degree - 2, order]
            values[degree, order] = lower / (degree - order)
    return values


@functools.cache
def sphere(highest: int) -> tuple[np.ndarray, np.ndarray]:
    """From components to values at points, `[points, components]`, and from values back to components.

    Exact for the product of two functions of that degree, projected on components up to it: Lebedev's rule of three
    times the degree.
    """
    from scipy.integrate import lebedev_rule

    points, weights = lebedev_rule(next(exact for exact in _EXACT if exact >= 3 * highest))
    with jax.ensure_compile_time_eval():
        values = np.asarray(harmonics([jnp.asarray(axis, float) for axis in points], highest))
    return values.T, values * (weights / weights.sum())
