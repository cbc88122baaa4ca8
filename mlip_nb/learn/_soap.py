"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, PyTree

_LARGEST = 600
"""Sides longer than this are not rotated: their preconditioner would cost more than it brings."""


class Side(NamedTuple):
    """Second moments along one side of matrices, and the basis that was made of them."""

    moment: Float[Array, "*batch side side"]
    basis: Float[Array, "*batch side side"]


class Leaf(NamedTuple):
    """State of one parameter array; matrices are its last two axes."""

    first: Float[Array, "..."]
    second: Float[Array, "..."]
    left: Side | None
    right: Side | None


class SoapState(NamedTuple):
    """State of the transformation."""

    count: Int[Array, ""]
    leaves: PyTree


def scale_by_soap(
    b1: float = 0.95, b2: float = 0.95, *, every: int = 10, epsilon: float = 1e-8, stacked: bool = False
) -> optax.GradientTransformation:
    """Updates of unit size. The basis is renewed at every tenth step by one step of a QR iteration.

    `stacked`: the first axis of every array counts members that know nothing of each other.

    ??? cite "Reference"
        N. Vyas, D. Morwani, R. Zhao, I. Shapira, D. Brandfonbrener, L. Janson, S. Kakade, arXiv:2409.11321 (2024)
    """

    def init(parameters: PyTree) -> SoapState:
        return SoapState(jnp.zeros((), jnp.int32), jax.tree.map(lambda one: _blank(one, 1 + stacked), parameters))

    def begin(gradients: PyTree, state: SoapState):
        """No step: a basis must not be judged by the gradient that it is made of."""
        leaves = jax.tree.map(lambda g, leaf: _turned(_met(leaf, g, b2), _first_basis), gradients, state.leaves)
        return jax.tree.map(jnp.zeros_like, gradients), leaves

    def go_on(gradients: PyTree, state: SoapState):
        leaves = jax.tree.map(lambda g, leaf: _averaged(_met(leaf, g, b2), g, b1, b2), gradients, state.leaves)
        updates = jax.tree.map(lambda g, leaf: _step(leaf, state.count, b1, b2, epsilon), gradients, leaves)
        return updates, jax.lax.cond(state.count % every == 0, renewed, lambda same: same, leaves)

    def renewed(leaves: PyTree) -> PyTree:
        return jax.tree.map(lambda leaf: _turned(leaf, _next_basis), leaves, is_leaf=_is_leaf)

    def update(gradients: PyTree, state: SoapState, parameters: PyTree | None = None):
        updates, leaves = jax.lax.cond(state.count == 0, begin, go_on, gradients, state)
        return updates, SoapState(state.count + 1, leaves)

    return optax.GradientTransformation(init, update)


def _blank(parameter: Array, below: int) -> Leaf:
    """For matrices, of more axes than `below`, and for arrays that are none."""
    sides = parameter.shape[-2:] if parameter.ndim > below else (0, 0)
    left, right = (_blank_side(parameter, side) if 1 < side <= _LARGEST else None for side in sides)
    return Leaf(jnp.zeros_like(parameter), jnp.zeros_like(parameter), left, right)


def _blank_side(parameter: Array, side: int) -> Side:
    shape = (*parameter.shape[:-2], side, side)
    return Side(jnp.zeros(shape, parameter.dtype), jnp.broadcast_to(jnp.eye(side, dtype=parameter.dtype), shape))


def _is_leaf(node: object) -> bool:
    return isinstance(node, Leaf)


def _met(leaf: Leaf, gradient: Array, b2: float) -> Leaf:
    """Second moments of the sides with one more gradient."""

    def met(side: Side | None, square: Array) -> Side | None:
        return side and Side(b2 * side.moment + (1 - b2) * square, side.basis)

    over = _transposed(gradient) if gradient.ndim > 1 else gradient
    left = met(leaf.left, gradient @ over) if leaf.left else None
    return Leaf(leaf.first, leaf.second, left, met(leaf.right, over @ gradient) if leaf.right else None)


def _averaged(leaf: Leaf, gradient: Array, b1: float, b2: float) -> Leaf:
    """Moments of the gradient; the second ones of its components in the basis."""
    square = _into(gradient, leaf.left, leaf.right) ** 2
    first, second = b1 * leaf.first + (1 - b1) * gradient, b2 * leaf.second + (1 - b2) * square
    return Leaf(first, second, leaf.left, leaf.right)


def _step(leaf: Leaf, count: Int[Array, ""], b1: float, b2: float, epsilon: float) -> Array:
    seen = count.astype(leaf.first.dtype)
    mean = _into(leaf.first, leaf.left, leaf.right) / (1 - b1**seen)
    size = jnp.sqrt(leaf.second / (1 - b2**seen)) + epsilon
    return _out_of(mean / size, leaf.left, leaf.right)


def _turned(leaf: Leaf, basis_of: Callable[[Side], Array]) -> Leaf:
    """With new bases."""
    left, right = (side and Side(side.moment, basis_of(side)) for side in (leaf.left, leaf.right))
    return Leaf(leaf.first, leaf.second, left, right)


def _first_basis(side: Side) -> Array:
    return _one_by_one(lambda moment: jnp.linalg.eigh(moment)[1][:, ::-1], side.moment)


def _next_basis(side: Side) -> Array:
    return _one_by_one(lambda power: jnp.linalg.qr(power)[0], side.moment @ side.basis)


def _one_by_one(function: Callable[[Array], Array], matrices: Array) -> Array:
    """Of each of a batch. Several batched decompositions at once wait for each other without end on two cores: XLA
    (jaxlib 0.10.1) divides each of them among the threads that they occupy."""
    return jax.lax.map(function, matrices.reshape(-1, *matrices.shape[-2:])).reshape(matrices.shape)


def _into(values: Array, left: Side | None, right: Side | None) -> Array:
    values = _transposed(left.basis) @ values if left else values
    return values @ right.basis if right else values


def _out_of(values: Array, left: Side | None, right: Side | None) -> Array:
    values = left.basis @ values if left else values
    return values @ _transposed(right.basis) if right else values


def _transposed(matrix: Array) -> Array:
    return jnp.swapaxes(matrix, -1, -2)
