"""Errors whose own variance is uncertain: the normal-inverse-gamma law and what it predicts."""

import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import Array, Float


def evidential_loss(
    error: Float[Array, "*shape"],
    evidence: Float[Array, "*shape"],
    alpha: Float[Array, "*shape"],
    beta: Float[Array, "*shape"],
) -> Float[Array, "*shape"]:
    r"""Negative logarithm of the likelihood of an error $y - \gamma$, under $\mu \sim N(\gamma, \sigma^2/\nu)$ and
    $\sigma^2 \sim \Gamma^{-1}(\alpha, \beta)$; `evidence` is $\nu$.

    The mixture is Student's law of $2\alpha$ degrees of freedom, of scale $\beta(1+\nu)/(\nu\alpha)$.

    ??? cite "Reference"
        A. Amini et al., NeurIPS (2020), arXiv:1910.02600
    """
    omega = 2 * beta * (1 + evidence)
    return (
        0.5 * jnp.log(jnp.pi / evidence)
        - alpha * jnp.log(omega)
        + (alpha + 0.5) * jnp.log(error**2 * evidence + omega)
        + gammaln(alpha)
        - gammaln(alpha + 0.5)
    )


def aleatoric(alpha: Float[Array, "*shape"], beta: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    r"""Expected variance of the labels, $\beta/(\alpha - 1)$; needs $\alpha > 1$."""
    return beta / (alpha - 1)


def epistemic(
    evidence: Float[Array, "*shape"], alpha: Float[Array, "*shape"], beta: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    r"""Variance of their mean, $\beta/(\nu(\alpha - 1))$; needs $\alpha > 1$."""
    return aleatoric(alpha, beta) / evidence
