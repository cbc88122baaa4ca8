"""Real spherical harmonics."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float


def degrees(highest: int) -> list[int]:
    """The degree of each component, in order: even ones first, so that either parity lies in one piece."""
    return [degree for degree in _by_parity(highest) for _ in range(2 * degree + 1)]


def of_parity(highest: int) -> tuple[slice, slice]:
    """Where components of even degree are, and those of odd degree."""
    even = sum(degree % 2 == 0 for degree in degrees(highest))
    return slice(0, even), slice(even, None)


def of_degree(degree: int) -> slice:
    """Where components of a degree are among those of its parity."""
    return slice(degree * (degree - 1) // 2, (degree + 1) * (degree + 2) // 2)


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
    for degree in _by_parity(highest):
        components.append(math.sqrt(2 * degree + 1) * legendre[degree, 0])
        for order in range(1, degree + 1):
            ratio = math.factorial(degree - order) / math.factorial(degree + order)
            scaled = math.sqrt(2 * (2 * degree + 1) * ratio) * legendre[degree, order]
            components += [scaled * around[order][0], scaled * around[order][1]]
    return jnp.stack(components)


def _by_parity(highest: int) -> list[int]:
    return [*range(0, highest + 1, 2), *range(1, highest + 1, 2)]


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
