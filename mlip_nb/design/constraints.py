"""Constraints by an augmented Lagrangian."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_SOFT = 10.0
"""Stiffness at first."""
_STIFFER = 10.0
_PROGRESS = 0.25
"""What a violation must fall by, or its price rises."""


class Multipliers(eqx.Module):
    """Prices of constraints, and how steeply violations cost."""

    equal: Float[Array, "*starts equalities"]
    positive: Float[Array, "*starts inequalities"]
    stiffness: Float[Array, "*starts"]

    @classmethod
    def none(cls, starts: int, equalities: int, inequalities: int) -> "Multipliers":
        """Nothing is known of prices yet."""
        counts = (equalities, inequalities)
        return cls(*(jnp.zeros((starts, count)) for count in counts), jnp.full(starts, _SOFT))

    def after(self, equal: np.ndarray, positive: np.ndarray, former: np.ndarray) -> "Multipliers":
        r"""Prices of minima with these violations: $\lambda + \rho c$ and $\max(0, \mu - \rho d)$.

        `former` are the violations of the minima before; one that has hardly fallen makes the Lagrangian stiffer.
        """
        slow = violations(equal, positive) > _PROGRESS * former
        steep = self.stiffness[:, None]
        return Multipliers(
            self.equal + steep * equal,
            jnp.maximum(0.0, self.positive - steep * positive),
            self.stiffness * jnp.where(slow, _STIFFER, 1.0),
        )


def penalty(
    equal: Float[Array, " equalities"], positive: Float[Array, " inequalities"], by: Multipliers
) -> Float[Array, ""]:
    r"""$\lambda c + \rho c^2/2 + [\max(0, \mu - \rho d)^2 - \mu^2]/2\rho$ for c = 0 and d ≥ 0.

    ??? cite "Reference"
        R. T. Rockafellar, *SIAM J. Control* **12**, 268 (1974), doi:10.1137/0312021
    """
    held = jnp.maximum(0.0, by.positive - by.stiffness * positive)
    bought = jnp.sum(held**2 - by.positive**2) / (2 * by.stiffness)
    return jnp.sum(by.equal * equal) + by.stiffness / 2 * jnp.sum(equal**2) + bought


def violations(
    equal: Float[np.ndarray, "starts equalities"], positive: Float[np.ndarray, "starts inequalities"]
) -> Float[np.ndarray, " starts"]:
    """The largest of any constraint, of each start."""
    worst = np.concatenate([np.abs(equal), np.maximum(0, -np.asarray(positive))], axis=1)
    return worst.max(axis=1, initial=0.0)
