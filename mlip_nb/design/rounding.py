"""One element on every site of a design: rounded, and looked at around that."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from .campaign import Campaign
from .problem import Outcome
from .variables import Change, Variables

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
    """All designs with one site of another element."""
    change = variables.change(jnp.asarray(vector))
    logits = np.asarray(change.logits)
    others = []
    for site, element in np.ndindex(logits.shape[1], logits.shape[0]):
        if logits[element, site] < logits[:, site].max():
            flipped = logits.copy()
            flipped[:, site] = np.where(np.arange(len(logits)) == element, 1.0, 0.0)
            others.append(_with_logits(variables, change, flipped))
    return np.stack(others)


def _pure(variables: Variables, vector: Float[np.ndarray, " numbers"]) -> Float[np.ndarray, " numbers"]:
    change = variables.change(jnp.asarray(vector))
    logits = np.asarray(change.logits)
    # Of elements that a site has as much of, the first.
    return _with_logits(variables, change, np.eye(len(logits))[logits.argmax(axis=0)].T)


def _with_logits(variables: Variables, change: Change, logits: np.ndarray) -> Float[np.ndarray, " numbers"]:
    return np.asarray(variables.packed(eqx.tree_at(lambda c: c.logits, change, jnp.asarray(logits))))


def _replaced(values: np.ndarray, place: int, by: np.ndarray) -> np.ndarray:
    values = np.array(values)
    values[place] = by
    return values
