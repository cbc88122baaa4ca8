"""Constraints by an augmented Lagrangian."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_STIFFER = 10.0
_PROGRESS = 0.25
"""What a violation must fall by, or its price rises."""


class Multipliers(eqx.Module):
    """Prices of constraints, and how steeply violations cost."""

    equal: Float[Array, "*starts equalities"]
    positive: Float[Array, "*starts inequalities"]
    stiffness: Float[Array, "*starts"]

    @classmethod
    def none(cls, equalities: int, inequalities: int, stiffness: float = 10.0) -> "Multipliers":
        """Nothing is known of prices yet."""
        return cls(jnp.zeros(equalities), jnp.zeros(inequalities), jnp.asarray(stiffness))

    def after(self, equal, positive, former: float) -> "Multipliers":
        r"""Prices of a minimum with these violations: $\lambda + \rho c$ and $\max(0, \mu - \rho d)$.

        `former` is the violation of the minimum before; one that has hardly fallen makes the Lagrangian stiffer.
        """
        slow = violation(equal, positive) > _PROGRESS * former
        return Multipliers(
            self.equal + self.stiffness * equal,
            jnp.maximum(0.0, self.positive - self.stiffness * positive),
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


def violation(equal, positive) -> float:
    """The largest of any constraint."""
    worst = [np.abs(np.asarray(equal)), np.maximum(0, -np.asarray(positive))]
    return float(np.concatenate([one.ravel() for one in worst]).max(initial=0.0))
