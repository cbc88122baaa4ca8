"""The switching polynomial that ends a pair function without a jump in its second derivative."""

from jaxtyping import Array, Float

ONSET = 0.8
"""Where switching begins, as a fraction of the cutoff."""


def switch(r2: Float[Array, "*edges"], cutoff: float) -> Float[Array, "*edges"]:
    r"""1 below `ONSET` times the cutoff, 0 at the cutoff, twice continuously differentiable.

    $$S = 1 - 10 x^3 + 15 x^4 - 6 x^5, \quad x = (r^2 - r_\mathrm{on}^2) / (r_c^2 - r_\mathrm{on}^2)$$

    In the squared distance, so that no square root is taken.
    """
    onset = (ONSET * cutoff) ** 2
    x = ((r2 - onset) * (1 / (cutoff**2 - onset))).clip(0, 1)
    return 1 - x * x * x * (10 - x * (15 - 6 * x))
