"""The last layer of a potential by linear regression: the best there is on its features, and how sure that is."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials.gaunt import Committee, Gaunt, in_precision
from ._loss import Predictions, predict
from ._offsets import untold_offsets
from ._packing import Batch, Packer
from ._recipe import Recipe
from .evaluate import SLOTS
from .frames import Labelled

RIDGES = np.logspace(-10, 0, 11)
"""Candidates, in units of the mean square of a weight's rows."""
_TOGETHER = 16
"""Features whose forces are computed side by side."""
_LOOSE = 1e-10
"""What holds a zero of energies, in units of the rows that tell it."""

Rows = tuple[Float[np.ndarray, "rows weights"], Float[np.ndarray, " rows"]]
"""Of one frame: what each weight adds to the labels, and what the labels are; each row times the root of its weight in
the loss."""


@dataclass(frozen=True)
class LinearFit:
    r"""Weights $w$ of the last layer with the posterior of Bayesian regression, $N(w, \Sigma)$."""

    readout: Float[np.ndarray, "features elements"]
    shift: Float[np.ndarray, " elements"]
    """Energies of isolated atoms beyond those there were, eV: of elements that no frame tells by an atom alone."""
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

    Where no frame has an atom alone, the zero of energies is fitted, too: a crystal that is the zero by itself would
    tell the bonds that they hold nothing.

    **Raises:** `InputError` for frames with elements that the potential does not cover.

    ??? cite "Reference"
        A. E. Hoerl, R. W. Kennard, *Technometrics* **12**, 55 (1970); leaving out blocks:
        C. M. Bishop, *Pattern Recognition and Machine Learning*, section 3.3
    """
    if isinstance(potential, Gaunt):
        fit = _fitted(potential, frames, recipe)
        return _with(potential, fit.readout, fit.shift), [fit]
    # Seeds are part of a spec: members that share one share the compiled program, too.
    spec = potential.spec.of_member(0)
    members = [dataclasses.replace(potential.member(index), spec=spec) for index in range(potential.spec.members)]
    fits = [_fitted(one, frames, recipe) for one in members]
    readouts, shifts = (np.stack([getattr(fit, name) for fit in fits]) for name in ("readout", "shift"))
    return dataclasses.replace(potential, members=_with(potential.members, readouts, shifts)), fits


def _with(one: Gaunt, readout: np.ndarray, shift: np.ndarray) -> Gaunt:
    made = eqx.tree_at(lambda g: g.readout, one, jnp.asarray(readout, one.readout.dtype))
    return eqx.tree_at(lambda g: g.isolated, made, (one.isolated + shift).astype(one.isolated.dtype))


def _fitted(one: Gaunt, frames: Sequence[Labelled], recipe: Recipe) -> LinearFit:
    untold = untold_offsets(frames, one.spec.symbols)
    fit = regression(list(_rows(one, frames, recipe, untold)), untold.shape[1])
    readout = np.asarray(one.readout) + fit.readout.reshape(one.readout.shape)
    # Rows are of bonds by themselves; a potential counts them from those of atoms alone.
    moved = untold @ untold.T @ (_of_atoms_alone(one, readout) - _of_atoms_alone(one, one.readout))
    return dataclasses.replace(fit, readout=readout, shift=untold @ fit.shift + moved)


def _of_atoms_alone(one: Gaunt, readout: Float[Array | np.ndarray, "features elements"]) -> np.ndarray:
    """What weights say of atoms without neighbours, eV, for each element."""
    return float(one.scale) * np.sum(np.asarray(one.features_alone(), float) * np.asarray(readout, float), axis=0)


def regression(parts: Sequence[Rows], free: int = 0) -> LinearFit:
    """Of rows, those that belong together in one part; the weights as one column.

    The last columns, so many as are `free`, are held by no ridge.

    **Raises:** `InputError` when no weight changes anything.
    """
    gram, moment = sum(x.T @ x for x, _ in parts), sum(x.T @ y for x, y in parts)
    weights = len(gram) - free
    strength = np.trace(gram[:weights, :weights]) / weights
    if not strength > 0:
        raise InputError("no weight of the last layer changes anything in these frames; are all atoms isolated?")
    ridges, held = RIDGES * strength, np.arange(len(gram)) < weights
    # Zeros that a frame left out was the only one to tell stay where they are.
    regular = [np.diag(np.where(held, ridge, _LOOSE * np.maximum(np.diag(gram), strength))) for ridge in ridges]
    losses = left_out(parts, gram, moment, np.stack(regular))
    # Of equals the strongest: a single part is no reason to trust it.
    best = len(losses) - 1 - int(np.argmin(losses[::-1]))
    precision = gram + regular[best]
    variance = losses[best] / sum(len(y) for _, y in parts)
    found = np.linalg.solve(precision, moment)
    return LinearFit(
        readout=found[:weights, None],
        shift=found[weights:],
        covariance=variance * np.linalg.inv(precision)[:weights, :weights],
        ridge=float(ridges[best]),
        left_out=float(losses[best]),
    )


def left_out(
    parts: Sequence[Rows], gram: np.ndarray, moment: np.ndarray, regular: Float[np.ndarray, "ridges columns columns"]
) -> np.ndarray:
    """Loss of each ridge on every part, when the weights are those of all other parts."""
    losses = np.zeros(len(regular))
    for x, y in parts:
        others = np.linalg.solve(gram - x.T @ x + regular, (moment - x.T @ y)[:, None])[..., 0]
        losses += np.sum((others @ x.T - y) ** 2, axis=1)
    return losses


def _rows(one: Gaunt, frames: Sequence[Labelled], recipe: Recipe, untold: np.ndarray) -> Iterator[Rows]:
    """Of every frame, so that the sum of squares over all of them is the loss."""
    tied = untold @ untold.T
    offsets = np.asarray(one.isolated, float) - tied @ _of_atoms_alone(one, one.readout)
    alone = in_precision(eqx.tree_at(lambda g: g.isolated, one, jnp.zeros_like(one.isolated)), "float32")
    sizes = {"atoms": recipe.batch, "frames_most": max(1, recipe.batch // 4), "slots_of": SLOTS}
    batches = Packer(frames, one.spec.symbols, one.cutoff, offsets=offsets, **sizes).batches()
    scales = _scales(batches, recipe)
    for batch in batches:
        each, present = jax.device_get(_predictions(alone, batch, jnp.asarray(tied, jnp.float32)))
        yield from _of_batch(batch, each, present, scales, untold)


@eqx.filter_jit
def _predictions(
    one: Gaunt, batch: Batch, untold: Float[Array, "elements elements"]
) -> tuple[Predictions, Predictions]:
    """What each weight adds, and what there is so far; where no frame tells of atoms alone, their features, which may
    be millions of times those of any frame, are left out.
    """

    def predicted(readout) -> Predictions:
        made = eqx.tree_at(lambda g: g.readout, one, readout)
        alone = made.scale * jnp.sum(made.features_alone() * readout, axis=0)
        return predict(eqx.tree_at(lambda g: g.isolated, made, untold @ alone), batch)

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


def _of_batch(
    batch: Batch, each: Predictions, present: Predictions, scales: np.ndarray, untold: np.ndarray
) -> Iterator[Rows]:
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
            x, y = (np.concatenate(each) for each in zip(*told, strict=True))
            zeros = np.zeros((len(y), untold.shape[1]))
            if batch.has_energy[place]:
                counts = np.bincount(batch.species[atoms], minlength=len(untold))
                zeros[0] = scales[0] / batch.count[place] * (counts @ untold)
            yield np.concatenate([x, zeros], axis=1), y


def _scaled(each: Predictions, present: Predictions, batch: Batch, name: str, where, scale: float) -> Rows:
    added, now, label = (np.asarray(getattr(source, name)[where], float) for source in (each, present, batch))
    return scale * added.reshape(len(added), -1).T, scale * (label - now).ravel()
