"""Structures at rest as differentiable functions of what they are made of."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import lineax
from jaxtyping import Array, Bool, Float, PyTree

_STEPS = 300
_FORCE = 1e-9
"""eV/Å at which the search ends; the step that carries derivatives takes away what is left."""
_SOLVED = 1e-12
"""Error of a solution, relative and in Å: with less, conjugate gradients would divide rounding by rounding."""
_FIRST, _SMALLEST = 0.3, 1e-12
"""Å: the first radius of trust, and the one at which nothing more is to be gained."""
_ROUNDING = 1e-11
"""Part of the energy below which its changes are rounding, and forces decide."""

Energy = Callable[[Float[Array, " coordinates"], PyTree], Float[Array, ""]]
"""Of coordinates and of what else it depends on."""


def relaxed(energy: Energy, start: Float[Array, " coordinates"], given: PyTree) -> Float[Array, " coordinates"]:
    r"""The minimum of the energy near a start; its derivatives by what is given are those of the minimum.

    With the gradient $g(x, \theta)$ zero at $x^*(\theta)$, the implicit function theorem has
    $dx^*/d\theta = -H^{-1}\,\partial g/\partial\theta$: the derivative of one of Newton's steps,
    $x - H^{-1} g(x, \theta)$, taken at the minimum with H and x held. Products with the Hessian are forward-mode
    derivatives of the gradient, and conjugate gradients solve with them: no matrix is made. Directions in which
    nothing changes must not be among the coordinates.
    """
    if not start.size:
        return start
    at, fixed = jax.lax.stop_gradient((_minimum(energy, *jax.lax.stop_gradient((start, given))), given))
    hessian = lineax.FunctionLinearOperator(
        lambda along: jax.jvp(lambda x: jax.grad(energy)(x, fixed), (at,), (along,))[1],
        jax.eval_shape(lambda: at),
        tags=lineax.positive_semidefinite_tag,
    )
    solver = lineax.CG(rtol=_SOLVED, atol=_SOLVED, stabilise_every=None, max_steps=20 * start.size + 100)
    return at - lineax.linear_solve(hessian, jax.grad(energy)(at, given), solver, throw=False).value


def residual(energy: Energy, at: Float[Array, " coordinates"], given: PyTree) -> Float[Array, ""]:
    """The largest force that is left, eV/Å."""
    fixed = jax.lax.stop_gradient((at, given))
    return jnp.max(jnp.abs(jax.grad(energy)(*fixed)), initial=0.0)


class _Search(eqx.Module):
    """Where a search is, and how far it trusts its quadratic model."""

    at: Float[Array, " coordinates"]
    value: Float[Array, ""]
    slope: Float[Array, " coordinates"]
    radius: Float[Array, ""]
    steps: Array

    @property
    def goes_on(self) -> Bool[Array, ""]:
        alive = jnp.isfinite(self.value) & (self.radius > _SMALLEST) & (self.steps < _STEPS)
        return alive & (jnp.max(jnp.abs(self.slope)) > _FORCE)


def _minimum(energy: Energy, start: Float[Array, " coordinates"], given: PyTree) -> Float[Array, " coordinates"]:
    """By Newton's steps within a radius of trust.

    ??? cite "Reference"
        T. Steihaug, *SIAM J. Numer. Anal.* **20**, 626 (1983), doi:10.1137/0720042
    """
    look = jax.value_and_grad(energy)

    def step(search: _Search) -> _Search:
        along, left = _within(lambda d: _curved(energy, search.at, given, d), search.slope, search.radius)
        value, slope = look(search.at + along, given)
        expected = -0.5 * jnp.dot(search.slope + left, along)
        gained = search.value - value
        fine = expected < _ROUNDING * (1 + jnp.abs(search.value))
        better = jnp.where(fine, _size(slope) < _size(search.slope), gained > 0.1 * expected)
        wide = jnp.where(better & (fine | (gained > 0.75 * expected)), 2.0, 1.0)
        radius = jnp.where(better, wide * search.radius, 0.25 * jnp.minimum(search.radius, _size(along)))
        there = _Search(search.at + along, value, slope, radius, search.steps)
        here = eqx.tree_at(lambda s: s.radius, search, radius)
        chosen = jax.tree.map(lambda new, old: jnp.where(better, new, old), there, here)
        return eqx.tree_at(lambda s: s.steps, chosen, search.steps + 1)

    value, slope = look(start, given)
    begin = _Search(start, value, slope, jnp.asarray(_FIRST), jnp.zeros((), int))
    return jax.lax.while_loop(lambda search: search.goes_on, step, begin).at


def _within(product: Callable[[Array], Array], slope: Array, radius: Array) -> tuple[Array, Array]:
    """The minimum of the quadratic model within a radius, by conjugate gradients; and the slope that is left there."""
    small = jnp.minimum(0.1, jnp.sqrt(_size(slope))) * _size(slope)

    def go_on(state):
        _, left, _, ended, count = state
        return ~ended & (_size(left) > small) & (count < 2 * slope.size + 10)

    def body(state):
        along, left, toward, _, count = state
        bent = product(toward)
        curvature = jnp.dot(toward, bent)
        length = jnp.dot(left, left) / jnp.where(curvature > 0, curvature, 1.0)
        outside = (curvature <= 0) | (_size(along + length * toward) >= radius)
        length = jnp.where(outside, _to_the_edge(along, toward, radius), length)
        fresh = left + length * bent
        turned = -fresh + jnp.dot(fresh, fresh) / jnp.dot(left, left) * toward
        return along + length * toward, fresh, turned, outside, count + 1

    begin = (jnp.zeros_like(slope), slope, -slope, jnp.zeros((), bool), jnp.zeros((), int))
    along, left, *_ = jax.lax.while_loop(go_on, body, begin)
    return along, left


def _to_the_edge(along: Array, toward: Array, radius: Array) -> Array:
    square, across = jnp.dot(toward, toward), jnp.dot(along, toward)
    inside = jnp.maximum(radius**2 - jnp.dot(along, along), 0.0)
    return (jnp.sqrt(across**2 + square * inside) - across) / square


def _curved(energy: Energy, at: Array, given: PyTree, along: Array) -> Array:
    return jax.jvp(lambda x: jax.grad(energy)(x, given), (at,), (along,))[1]


def _size(vector: Array) -> Array:
    return jnp.sqrt(jnp.dot(vector, vector))
