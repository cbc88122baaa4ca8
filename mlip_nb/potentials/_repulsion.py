"""Repulsion of screened nuclei: what keeps atoms apart where no data teach it."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..units import COULOMB
from ._radial import envelope

_SCREENING = ((0.18175, 3.1998), (0.50986, 0.94229), (0.28022, 0.4029), (0.02817, 0.20162))
_RADIUS = 0.46850
"""Å."""


def nuclei(charges: Float[np.ndarray, " elements"], cores: Float[np.ndarray, " elements"]) -> np.ndarray:
    """What repulsion depends on, `[3, elements]`, additive for mixtures: charge, its power that shortens the screening
    length, and half the distance at which the repulsion ends, Å."""
    return np.stack([charges, charges**0.23, cores])


def repulsion(
    r: Float[Array, "*edges"], here: Float[Array, "3 *edges"], there: Float[Array, "3 *edges"]
) -> Float[Array, "*edges"]:
    """Energy of pairs of `nuclei`, eV; it ends with three continuous derivatives.

    ??? cite "Reference"
        J. F. Ziegler, J. P. Biersack, U. Littmark, *The Stopping and Range of Ions in Matter*, Pergamon, 1985
    """
    scaled = r * (here[1] + there[1]) / _RADIUS
    screening = sum(share * jnp.exp(-rate * scaled) for share, rate in _SCREENING)
    return COULOMB * here[0] * there[0] / r * screening * envelope(r / (here[2] + there[2]), flat=4)
