"""Functions of a distance that end smoothly at a cutoff."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float


def envelope(x: Float[Array, "*edges"], flat: int = 6) -> Float[Array, "*edges"]:
    r"""One at $x = 0$, where `flat` - 1 derivatives vanish; from $x = 1$ on zero, with three continuous derivatives.

    $$(1 - x)^4 \sum_{k < n} \binom{k + 3}{3} x^k$$

    The usual polynomial envelope, with a threefold zero, leaves a jump in the third derivative of the energy.
    """
    series = jnp.full_like(x, math.comb(flat + 2, 3))
    for power in reversed(range(flat - 1)):
        series = series * x + math.comb(power + 3, 3)
    rest = jnp.maximum(1 - x, 0) ** 2
    return rest * rest * series


def radial_basis(
    r2: Float[Array, "*edges"], *, cutoff: float, length: float, functions: int
) -> Float[Array, "functions *edges"]:
    """Chebyshev polynomials of a variable that resolves distances around `length`, under the envelope.

    `r2` are squared distances; the variable is 1/(1 + r²/length²), stretched to -1 at the cutoff and to 1 at zero.
    """
    beyond = 1 / (1 + (cutoff / length) ** 2)
    variable = 2 * (1 / (1 + r2 / length**2) - beyond) / (1 - beyond) - 1
    ending = envelope(jnp.sqrt(r2) / cutoff)
    basis = [ending, variable * ending]
    while len(basis) < functions:
        basis.append(2 * variable * basis[-1] - basis[-2])
    return jnp.stack(basis[:functions])
