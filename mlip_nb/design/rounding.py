"""One element on every site of a design: rounded, and looked at around that."""

import itertools
from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from .campaign import Campaign
from .problem import Outcome
from .variables import Change, Variables

_CHARGED = 1e-9
_LEAST = 1e-300
"""Share whose logarithm is taken."""
_FLIPS = 4
"""Rounds in which single sites of a rounded design are changed."""


def discrete(campaign: Campaign) -> tuple[Float[np.ndarray, "starts numbers"], Outcome]:
    """Rounded designs; then, from the best of them, sites are changed one at a time while that helps."""
    vectors, found = rounded(campaign)
    for _ in range(_FLIPS):
        best = int(np.argmin(campaign.merits(found)))
        around = neighbours(campaign.problem.variables, vectors[best])
        tried = campaign.pure(around)
        nearest = int(np.argmin(campaign.merits(tried)))
        if campaign.merits(tried)[nearest] >= campaign.merits(found)[best]:
            break
        vectors[best] = around[nearest]
        found = jax.tree.map(lambda old, new, b=best, n=nearest: _replaced(old, b, new[n]), found, tried)
    return vectors, found


def rounded(campaign: Campaign) -> tuple[Float[np.ndarray, "starts numbers"], Outcome]:
    """Every start with each site made of the element that it had most of, at rest."""
    vectors = np.stack([_pure(campaign.problem.variables, vector) for vector in campaign.vectors])
    return vectors, campaign.pure(vectors)


def neighbours(variables: Variables, vector: Float[np.ndarray, " numbers"]) -> Float[np.ndarray, "designs numbers"]:
    """All designs with one site of another element; where charges count, also with two sites in each other's place."""
    change = variables.change(jnp.asarray(vector))
    kinds = np.asarray(change.logits).argmax(axis=0)
    others = [*_with_another(kinds, len(change.logits)), *_exchanged(kinds, variables)]
    kept = [kinds, *(one for one in others if _is_neutral(one, variables))]
    return np.stack([_with_elements(variables, change, one) for one in kept[1:] or kept])


def _with_another(kinds: Int[np.ndarray, " groups"], elements: int) -> Iterator[Int[np.ndarray, " groups"]]:
    for group, element in np.ndindex(len(kinds), elements):
        if element != kinds[group]:
            yield np.where(np.arange(len(kinds)) == group, element, kinds)


def _exchanged(kinds: Int[np.ndarray, " groups"], variables: Variables) -> Iterator[Int[np.ndarray, " groups"]]:
    """What single changes do not reach without a charge."""
    pairs = itertools.combinations(range(len(kinds)), 2) if variables.charges is not None else ()
    for one, other in pairs:
        if kinds[one] != kinds[other]:
            changed = kinds.copy()
            changed[[one, other]] = kinds[[other, one]]
            yield changed


def _is_neutral(kinds: Int[np.ndarray, " groups"], variables: Variables) -> bool:
    if variables.charges is None:
        return True
    shares = np.eye(len(variables.charges.states))[:, kinds]
    return bool(abs(variables.charges.total(jnp.asarray(shares))) < _CHARGED)


def _pure(variables: Variables, vector: Float[np.ndarray, " numbers"]) -> Float[np.ndarray, " numbers"]:
    change = variables.change(jnp.asarray(vector))
    if variables.charges is None:
        # Of elements that a site has as much of, the first.
        return _with_elements(variables, change, np.asarray(change.logits).argmax(axis=0))
    kinds = variables.charges.rounded(np.log(np.maximum(variables.shares(change), _LEAST)))
    assert kinds is not None, "this was looked at before the first step"
    return _with_elements(variables, change, kinds)


def _with_elements(
    variables: Variables, change: Change, kinds: Int[np.ndarray, " groups"]
) -> Float[np.ndarray, " numbers"]:
    logits = jnp.asarray(np.eye(len(change.logits))[:, kinds])
    return np.asarray(variables.packed(eqx.tree_at(lambda c: c.logits, change, logits)))


def _replaced(values: np.ndarray, place: int, by: np.ndarray) -> np.ndarray:
    values = np.array(values)
    values[place] = by
    return values
