"""The last layer of a potential by linear regression: the best there is on its features, and how sure that is."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..potentials.gaunt import Committee, Gaunt, in_precision
from ._loss import Predictions, predict
from ._packing import Batch, Packer
from ._recipe import Recipe
from .evaluate import SLOTS
from .frames import Labelled

RIDGES = np.logspace(-10, 0, 11)
"""Candidates, in units of the mean square of a weight's rows."""
_TOGETHER = 16
"""Features whose forces are computed side by side."""

Rows = tuple[Float[np.ndarray, "rows weights"], Float[np.ndarray, " rows"]]
"""Of one frame: what each weight adds to the labels, and what the labels are; each row times the root of its weight in
the loss."""


@dataclass(frozen=True)
class LinearFit:
    r"""Weights $w$ of the last layer with the posterior of Bayesian regression, $N(w, \Sigma)$."""

    readout: Float[np.ndarray, "features elements"]
    covariance: Float[np.ndarray, "weights weights"]
    r"""$\Sigma = s^2 (X^T X + \lambda)^{-1}$, with $s^2$ the loss on frames left out, per row; weights in the order of
    `readout.ravel()`."""
    ridge: float
    r"""$\lambda$, the best of `RIDGES` by leaving out frames."""
    left_out: float
    """Loss on frames left out, one after another."""


def fit_linear(
    potential: Gaunt | Committee, frames: Sequence[Labelled], recipe: Recipe
) -> tuple[Gaunt | Committee, list[LinearFit]]:
    """The potential with the best last layer on features as they are, and the fit of each member.

    The loss is that of `recipe`, plus a ridge that holds weights where they were: what the data do not tell stays as it
    is. Its strength is what predicts each frame best from all others; forces of one frame belong together, so whole
    frames are left out. It takes as long as an epoch for each feature, without what an optimiser adds.

    **Raises:** `InputError` for frames with elements that the potential does not cover.

    ??? cite "Reference"
        A. E. Hoerl, R. W. Kennard, *Technometrics* **12**, 55 (1970); leaving out blocks:
        C. M. Bishop, *Pattern Recognition and Machine Learning*, section 3.3
    """
    if isinstance(potential, Gaunt):
        fit = _fitted(potential, frames, recipe)
        return _with(potential, fit.readout), [fit]
    # Seeds are part of a spec: members that share one share the compiled program, too.
    spec = potential.spec.of_member(0)
    members = [dataclasses.replace(potential.member(index), spec=spec) for index in range(potential.spec.members)]
    fits = [_fitted(one, frames, recipe) for one in members]
    readouts = np.stack([fit.readout for fit in fits])
    return dataclasses.replace(potential, members=_with(potential.members, readouts)), fits


def _with(one: Gaunt, readout: np.ndarray) -> Gaunt:
    return eqx.tree_at(lambda g: g.readout, one, jnp.asarray(readout, one.readout.dtype))


def _fitted(one: Gaunt, frames: Sequence[Labelled], recipe: Recipe) -> LinearFit:
    fit = regression(list(_rows(one, frames, recipe)))
    return dataclasses.replace(fit, readout=np.asarray(one.readout) + fit.readout.reshape(one.readout.shape))


def regression(parts: Sequence[Rows]) -> LinearFit:
    """Of rows, those that belong together in one part; the weights as one column.

    **Raises:** `InputError` when no weight changes anything.
    """
    gram, moment = sum(x.T @ x for x, _ in parts), sum(x.T @ y for x, y in parts)
    if not np.trace(gram) > 0:
        raise InputError("no weight of the last layer changes anything in these frames; are all atoms isolated?")
    ridges = RIDGES * np.trace(gram) / len(gram)
    losses = left_out(parts, gram, moment, ridges)
    # Of equals the strongest: a single part is no reason to trust it.
    best = len(losses) - 1 - int(np.argmin(losses[::-1]))
    precision = gram + ridges[best] * np.eye(len(gram))
    variance = losses[best] / sum(len(y) for _, y in parts)
    return LinearFit(
        readout=np.linalg.solve(precision, moment)[:, None],
        covariance=variance * np.linalg.inv(precision),
        ridge=float(ridges[best]),
        left_out=float(losses[best]),
    )


def left_out(parts: Sequence[Rows], gram: np.ndarray, moment: np.ndarray, ridges: np.ndarray) -> np.ndarray:
    """Loss of each ridge on every part, when the weights are those of all other parts."""
    regular = ridges[:, None, None] * np.eye(len(gram))
    losses = np.zeros(len(ridges))
    for x, y in parts:
        others = np.linalg.solve(gram - x.T @ x + regular, (moment - x.T @ y)[:, None])[..., 0]
        losses += np.sum((others @ x.T - y) ** 2, axis=1)
    return losses


def _rows(one: Gaunt, frames: Sequence[Labelled], recipe: Recipe) -> Iterator[Rows]:
    """Of every frame, so that the sum of squares over all of them is the loss."""
    offsets = np.asarray(one.isolated, float)
    alone = in_precision(eqx.tree_at(lambda g: g.isolated, one, jnp.zeros_like(one.isolated)), "float32")
    sizes = {"atoms": recipe.batch, "frames_most": max(1, recipe.batch // 4), "slots_of": SLOTS}
    batches = Packer(frames, one.spec.symbols, one.cutoff, offsets=offsets, **sizes).batches()
    scales = _scales(batches, recipe)
    for batch in batches:
        each, present = jax.device_get(_predictions(alone, batch))
        yield from _of_batch(batch, each, present, scales)


@eqx.filter_jit
def _predictions(one: Gaunt, batch: Batch) -> tuple[Predictions, Predictions]:
    """What each weight adds, and what there is so far."""

    def predicted(readout) -> Predictions:
        return predict(eqx.tree_at(lambda g: g.readout, one, readout), batch)

    nothing = predicted(jnp.zeros_like(one.readout))
    units = jnp.eye(one.readout.size, dtype=one.readout.dtype).reshape(-1, *one.readout.shape)
    each = jax.lax.map(predicted, units, batch_size=min(_TOGETHER, len(units)))
    return jax.tree.map(lambda with_it, without: with_it - without, each, nothing), predicted(one.readout)


def _scales(batches: Sequence[Batch], recipe: Recipe) -> np.ndarray:
    """Roots of the weights of one energy, one component of a force and one of a stress in the loss."""
    real = [batch.weight > 0 for batch in batches]
    energies = sum(np.sum(batch.has_energy & there) for batch, there in zip(batches, real, strict=True))
    stresses = sum(np.sum(batch.has_stress & there) for batch, there in zip(batches, real, strict=True))
    forces = sum(np.sum(batch.has_forces[batch.owner] & batch.real) for batch in batches)
    counts = np.array([energies, 3 * forces, 9 * stresses])
    return np.sqrt(np.array([recipe.energy, recipe.forces, recipe.stress]) / np.maximum(counts, 1))


def _of_batch(batch: Batch, each: Predictions, present: Predictions, scales: np.ndarray) -> Iterator[Rows]:
    for place in np.flatnonzero(batch.weight):
        atoms = np.flatnonzero((batch.owner == place) & batch.real)
        rows = partial(_scaled, each, present, batch)
        kinds = [
            (batch.has_energy[place], rows("energy", np.s_[..., place], scales[0] / batch.count[place])),
            (batch.has_forces[place], rows("forces", np.s_[..., atoms], scales[1])),
            (batch.has_stress[place], rows("stress", np.s_[..., place, :, :], scales[2])),
        ]
        told = [found for known, found in kinds if known]
        if told:
            yield np.concatenate([x for x, _ in told]), np.concatenate([y for _, y in told])


def _scaled(each: Predictions, present: Predictions, batch: Batch, name: str, where, scale: float) -> Rows:
    added, now, label = (np.asarray(getattr(source, name)[where], float) for source in (each, present, batch))
    return scale * added.reshape(len(added), -1).T, scale * (label - now).ravel()
