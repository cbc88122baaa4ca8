"""Functions of Hermitian matrices whose derivatives do not mind that eigenvalues meet."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

_MEET = 1e-6
"""Part of the largest eigenvalue, within which two have the derivative in place of a quotient of differences."""

Function = Callable[[Float[Array, "*n"]], Float[Array, "*n"]]
"""Smooth, of eigenvalues, each by itself."""


def trace_of(function: Function, matrix: Complex[Array, "n n"], other: Complex[Array, "n n"]) -> Float[Array, ""]:
    r"""$\operatorname{tr} f(D)\,A$ of Hermitian matrices; differentiable by all that both are made of."""
    return jnp.real(jnp.sum(matrix_function(function, matrix) * other.T))


def matrix_function(function: Function, matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
    r"""$f(D) = V f(\lambda) V^\dagger$ of a Hermitian matrix.

    Its derivative in $D$ is $V (F \circ V^\dagger\,dD\,V) V^\dagger$ with $F_{ij} = [f(\lambda_i) - f(\lambda_j)] /
    (\lambda_i - \lambda_j)$, and $f'(\lambda)$ where they meet: derivatives of eigenvectors, which are infinite there,
    are not asked for.

    ??? cite "Reference"
        Ju. L. Daleckii, S. G. Krein, *Trans. Am. Math. Soc. Ser. 2* **47**, 1 (1965), doi:10.1090/trans2/047/01
    """
    # What the function itself depends on has no derivative here, for it depends on numbers of the user only.
    return _matrix_function(function, matrix)


def _rebuilt(function: Function, values, vectors):
    return jnp.einsum("ik,k,jk->ij", vectors, function(values).astype(vectors.dtype), vectors.conj())


_matrix_function = jax.custom_jvp(
    lambda function, matrix: _rebuilt(function, *jnp.linalg.eigh(matrix)), nondiff_argnums=(0,)
)


@_matrix_function.defjvp
def _matrix_function_jvp(function: Function, primals, tangents):
    values, vectors = jax.lax.stop_gradient(jnp.linalg.eigh(primals[0]))
    apart = values[:, None] - values
    meet = jnp.abs(apart) <= _MEET * jnp.max(jnp.abs(values))
    middle = (values[:, None] + values) / 2
    slopes = jax.jvp(function, (middle,), (jnp.ones_like(middle),))[1]
    quotients = (function(values)[:, None] - function(values)) / jnp.where(meet, 1.0, apart)
    inner = vectors.conj().T @ tangents[0] @ vectors
    change = vectors @ (jnp.where(meet, slopes, quotients) * inner) @ vectors.conj().T
    return _rebuilt(function, values, vectors), change
