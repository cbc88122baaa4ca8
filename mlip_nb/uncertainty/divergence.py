"""Query by committee: how much members disagree, beyond what each of them does not know."""

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import entr
from jaxtyping import Array, Float

from ..errors import InputError

_SUM = 1e-4
"""How far the sum of probabilities may be from one: single precision."""


def jensen_shannon(probabilities: Float[Array, "members *points classes"]) -> Float[Array, "*points"]:
    r"""$H(\bar p) - \overline{H(p_m)}$ of what members of a committee of classifiers say: 0 where all say the same,
    ln M where each is sure of another class.

    It is the information that knowing which member is right would give, and so what a label is expected to give.

    **Raises:** `InputError` for a single member, and for numbers that are no probabilities.

    ??? cite "Reference"
        J. Lin, *IEEE Trans. Inf. Theory* **37**, 145 (1991), doi:10.1109/18.61115; A. K. McCallum, K. Nigam, ICML
        (1998), p. 350; N. Houlsby, F. Huszár, Z. Ghahramani, M. Lengyel, arXiv:1112.5745
    """
    _check(np.asarray(probabilities))
    probabilities = jnp.asarray(probabilities)
    mixture = _entropy(probabilities.mean(axis=0))
    # Rounding must not make it negative.
    return jnp.maximum(mixture - _entropy(probabilities).mean(axis=0), 0.0)


def gaussian_bound(
    means: Float[Array, "members *points"], variances: Float[Array, "members *points"]
) -> Float[Array, "*points"]:
    r"""An upper bound of the divergence of normal laws, $\tfrac12 \ln(\overline{\sigma^2} + \operatorname{Var} \mu) -
    \tfrac12 \overline{\ln \sigma_m^2}$.

    No law of that variance has a larger entropy than the normal one. Never above ln M, which holds for any laws.
    """
    means, variances = jnp.asarray(means), jnp.asarray(variances)
    total = variances.mean(axis=0) + means.var(axis=0)
    bound = 0.5 * (jnp.log(total) - jnp.log(variances).mean(axis=0))
    return jnp.minimum(bound, jnp.log(len(means)))


def queries(divergences: Float[np.ndarray, " points"], count: int) -> np.ndarray:
    """Places of the points to label: those members disagree about most, the first of all first; none that all agree
    about."""
    order = np.argsort(-np.asarray(divergences), kind="stable")[:count]
    return order[np.asarray(divergences)[order] > 0]


def _entropy(probabilities: Float[Array, "*points classes"]) -> Float[Array, "*points"]:
    return jnp.sum(entr(probabilities), axis=-1)


def _check(probabilities: np.ndarray) -> None:
    if len(probabilities) < 2:
        raise InputError("a committee has two members at least; train classifiers with different seeds")
    wrong = (probabilities < 0).any(axis=-1) | (np.abs(probabilities.sum(axis=-1) - 1) > _SUM)
    wrong |= ~np.isfinite(probabilities).all(axis=-1)
    if wrong.any():
        member, *place = np.argwhere(wrong)[0]
        where = f"member {member}, point {', '.join(map(str, place))}"
        raise InputError(
            f"{where}: {probabilities[member][tuple(place)]} are no probabilities; give them after softmax"
        )
