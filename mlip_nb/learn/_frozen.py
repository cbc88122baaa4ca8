"""Weights that training leaves as they are."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import jax
from jaxtyping import PyTree

from ..errors import InputError


def without(chosen: PyTree, patterns: Sequence[str], known: PyTree) -> PyTree:
    """A tree of true and false, with false where a pattern matches the place; as in `first.*` or `*.mixing`.

    **Raises:** `InputError` for a pattern that matches nothing that is true in `known`, or when nothing is left.
    """
    found, names = _true(chosen), _true(known)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(f"freeze: no weights are called {pattern!r}; there are {', '.join(found)}")
    left = {name for name in found if not any(fnmatchcase(name, pattern) for pattern in patterns)}
    if not left:
        raise InputError(f"freeze: {', '.join(patterns)} leaves nothing to train; freeze less")
    return jax.tree_util.tree_map_with_path(lambda place, leaf: leaf is True and _name(place) in left, chosen)


def _true(tree: PyTree) -> list[str]:
    return [_name(place) for place, leaf in jax.tree_util.tree_flatten_with_path(tree)[0] if leaf is True]


def _name(place: tuple) -> str:
    """As tensors are called in files."""
    return jax.tree_util.keystr(place, simple=True, separator=".")
