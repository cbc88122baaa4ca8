"""A linear map that brings its own transpose, for every transformation of JAX.

`jax.custom_vjp` refuses forward mode, `jax.custom_jvp` transposes what it is given, and a loop of dynamic length has a
derivative but no transpose. Here both are given. `jax.custom_derivatives.linear_call` is the same idea, but can neither
be batched nor differentiated once more, and traces what nobody asks for.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import PyTree


def transposable(
    forward: Callable[[PyTree, PyTree], PyTree],
    backward: Callable[[PyTree, PyTree], PyTree],
    residuals: PyTree,
    tangents: PyTree,
    like: PyTree,
) -> PyTree:
    """`forward(residuals, tangents)`, linear in `tangents`, of the shapes of `like`.

    Its transpose is `backward(residuals, cotangents)`. Both take every array from their arguments; they are traced only
    when they are needed. The map can be differentiated by `residuals` in forward mode.
    """
    known, known_tree = jax.tree.flatten(residuals)
    linear, linear_tree = jax.tree.flatten(tangents)
    outputs, output_tree = jax.tree.flatten(like)

    def flat(function, tree):
        def apply(*leaves):
            given = known_tree.unflatten(leaves[: len(known)]), tree.unflatten(leaves[len(known) :])
            return jax.tree.leaves(function(*given))

        return apply

    return output_tree.unflatten(
        _map.bind(
            *known,
            *linear,
            there=flat(forward, linear_tree),
            back=flat(backward, output_tree),
            shapes=tuple(jax.typeof(leaf) for leaf in outputs),
            count=len(known),
        )
    )


_map = Primitive("transposable_map")
_map.multiple_results = True


@_map.def_impl
def _apply(*arguments, there, back, shapes, count):
    return there(*arguments)


@_map.def_abstract_eval
def _shapes(*arguments, there, back, shapes, count):
    return shapes


def _differentiate(primals, tangents, *, count, **how):
    values = _map.bind(*primals, count=count, **how)
    if all(type(tangent) is ad.Zero for tangent in tangents[:count]):
        moved = [ad.instantiate_zeros(tangent) for tangent in tangents[count:]]
        return values, _map.bind(*primals[:count], *moved, count=count, **how)
    given = tuple(_given(primal, tangent) for primal, tangent in zip(primals, tangents, strict=True))
    return jax.jvp(how["there"], tuple(primals), given)


def _given(primal, tangent):
    """A tangent as `jax.jvp` takes it."""
    if type(tangent) is not ad.Zero:
        return tangent
    if jnp.issubdtype(primal.dtype, jnp.inexact):
        return jnp.zeros_like(primal)
    return np.zeros(primal.shape, jax.dtypes.float0)


def _transpose(cotangents, *arguments, there, back, shapes, count):
    known, linear = arguments[:count], arguments[count:]
    taken = tuple(value.aval if ad.is_undefined_primal(value) else jax.typeof(value) for value in linear)
    given = map(ad.instantiate_zeros, cotangents)
    pulled = _map.bind(*known, *given, there=back, back=there, shapes=taken, count=count)
    wanted = [value if ad.is_undefined_primal(arg) else None for value, arg in zip(pulled, linear, strict=True)]
    return [None] * count + wanted


def _batch(arguments, axes, *, there, back, shapes, count):
    """Everything linear gets the new axis, so that the transpose has it everywhere, too."""
    absent = batching.not_mapped
    size = next(value.shape[axis] for value, axis in zip(arguments, axes, strict=True) if axis is not absent)
    linear = [
        jnp.broadcast_to(value, (size, *value.shape)) if axis is absent else jnp.moveaxis(value, axis, 0)
        for value, axis in zip(arguments[count:], axes[count:], strict=True)
    ]
    known = [None if axis is absent else axis for axis in axes[:count]]

    def over(function):
        return lambda *leaves: jax.vmap(function, in_axes=(*known, *[0] * (len(leaves) - count)))(*leaves)

    larger = tuple(aval.update(shape=(size, *aval.shape)) for aval in shapes)
    values = _map.bind(*arguments[:count], *linear, there=over(there), back=over(back), shapes=larger, count=count)
    return values, [0] * len(values)


ad.primitive_jvps[_map] = _differentiate
ad.primitive_transposes[_map] = _transpose
batching.primitive_batchers[_map] = _batch
mlir.register_lowering(_map, mlir.lower_fun(_apply, multiple_results=True))
