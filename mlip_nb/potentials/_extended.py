"""A trained potential for more elements than it was trained for."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ._committee import Committee
from .gaunt import EMBEDDED, Gaunt, GauntSpec


def with_elements(potential: Gaunt | Committee, symbols: Sequence[str]) -> Gaunt | Committee:
    """The same potential for these elements, too.

    Where there are none of the new ones it says what it said. A new element begins as the mean of those it was trained
    for. As long as there are fewer than four it has a component of the embedding of its own, which weighs nothing until
    training makes it.
    """
    new = tuple(symbol for symbol in symbols if symbol not in potential.spec.symbols)
    if not new:
        return potential
    spec = _spec(potential.spec, new)
    if isinstance(potential, Committee):
        members = eqx.filter_vmap(lambda one: _extended(one, spec.of_member(0)))(potential.members)
        return dataclasses.replace(potential, members=members, spec=spec)
    return _extended(potential, spec)


def _spec(old: GauntSpec, new: tuple[str, ...]) -> GauntSpec:
    """With all that depended on the elements as it was."""
    symbols = (*old.symbols, *new)
    return old.replace(
        symbols=symbols,
        chemistry=max(old.chemistry_of(), min(len(symbols), EMBEDDED)),
        length=old.length_of(),
        cores=(*old.cores_of().tolist(), *old.replace(symbols=new, cores=()).cores_of().tolist()),
    )


def _extended(one: Gaunt, spec: GauntSpec) -> Gaunt:
    new = len(spec.symbols) - one.readout.shape[1]
    more = spec.chemistry - len(one.embedding)
    invariants = one.first.invariants

    def places(made: Gaunt) -> list:
        layers = [layer for layer in (made.first, made.second) if layer is not None]
        return [made.readout, made.isolated, *(layer.network.element for layer in layers)]

    def densities(made: Gaunt) -> list:
        found = made.first.invariants
        return [made.embedding, found.mixing, found.density_mean, found.density_scale]

    columns = [_with_mean(table, new) for table in places(one)]
    wider = [
        _embedding(one.embedding, more, new),
        _longer(invariants.mixing, 0 * _typical(invariants.mixing, spec.radial), more),
        _longer(invariants.density_mean, 0 * _typical(invariants.density_mean, spec.radial), more),
        _longer(invariants.density_scale, _typical(invariants.density_scale, spec.radial), more),
    ]
    made = eqx.tree_at(lambda g: [*places(g), *densities(g)], one, [*columns, *wider])
    return dataclasses.replace(made, spec=spec)


def _with_mean(table: Float[Array, "*rows elements"], new: int) -> Float[Array, "*rows all"]:
    mean = table.mean(axis=-1, keepdims=True)
    return jnp.concatenate([table, jnp.repeat(mean, new, axis=-1)], axis=-1)


def _embedding(table: Float[Array, "chemistry elements"], more: int, new: int) -> Float[Array, "components all"]:
    """Old elements have nothing of the new components."""
    old = table.shape[1]
    return jnp.concatenate([_with_mean(table, new), jnp.eye(more, old + new, old, dtype=table.dtype)])


def _typical(array: Float[Array, "*rows densities"], radial: int) -> Float[Array, "*rows radial"]:
    """Of a component of the embedding."""
    return array.reshape(*array.shape[:-1], -1, radial).mean(axis=-2)


def _longer(array: Float[Array, "*rows densities"], part: Float[Array, "*rows radial"], more: int) -> Array:
    """For so many components more."""
    return jnp.concatenate([array, *[part] * more], axis=-1)
