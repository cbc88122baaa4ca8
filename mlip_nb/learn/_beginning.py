"""Where training begins: random weights or trained ones, and what the data say about scales and zeros."""

import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..potentials._extended import with_elements
from ..potentials.gaunt import Committee, Gaunt, GauntSpec, in_precision
from ..potentials.trained import Trained
from ._loss import graph_of_batch
from ._offsets import energies_left, is_isolated, labels_left, offsets_of
from ._packing import Packer
from .evaluate import predictions
from .frames import Labelled

_SAMPLE = 24
"""Frames by which invariants are standardised."""
_LEAST = 1e-3
"""eV; data in which less happens teach nothing."""
_DOUBTFUL, _CLEAR = 0.1, 10.0
"""eV/atom and a ratio: smaller differences to the data are errors, not another zero."""


def trainable(potential: Any) -> Gaunt | Committee:
    """What training changes in a potential.

    **Raises:** `InputError` for a potential without weights.
    """
    inner = potential.inner if isinstance(potential, Trained) else potential
    if not isinstance(inner, (Gaunt, Committee)):
        raise InputError(f"{potential.spec.registered_name} has no weights to train; train gaunt, or a file of weights")
    return inner


def begun(potential: Any, training: Sequence[Labelled]) -> Gaunt | Committee:
    """The potential to train: with scales from the data where its weights are still random, else with their zero."""
    inner = trainable(potential)
    untrained = inner.fingerprint == inner.spec.build().fingerprint
    return fresh(inner.spec, training) if untrained else at_zero_of(inner, training)


def extended_to(potential: Any, training: Sequence[Labelled], symbols: Sequence[str] = ()) -> Gaunt | Committee:
    """A trained potential for all elements of the data, and these; energies of isolated atoms of the new ones are those
    of the data.

    What it says where there are none of the new ones does not change.
    """
    inner = trainable(potential)
    old = inner.spec.symbols
    made = with_elements(inner, sorted({*symbols, *(symbol for frame in training for symbol in frame.system.symbols)}))
    new = made.spec.symbols[len(old) :]
    if not new:
        return inner
    shift = offsets_of(_left(made, training), new)
    return _shifted(made, np.concatenate([np.zeros(len(old)), shift]))


def fresh(spec: GauntSpec, training: Sequence[Labelled]) -> Gaunt | Committee:
    """A potential with random weights, ready to be trained on these frames.

    Invariants of some of them have unit variance, energies are in units of the mean force, and there are no forces yet.

    **Raises:** `InputError` for frames without energies, or with elements that the potential does not cover.
    """
    offsets = offsets_of(training, spec.symbols)
    scale = _scale([frame for frame in training if not is_isolated(frame)], offsets, spec.symbols)
    batch = _sample(spec, training)
    weights = batch.real.astype(batch.vectors.dtype)

    def ready(member: Gaunt) -> Gaunt:
        made = member.standardised(graph_of_batch(batch), weights / weights.sum())
        known = (jnp.asarray(scale, made.scale.dtype), jnp.zeros_like(made.readout), jnp.asarray(offsets))
        return eqx.tree_at(lambda g: (g.scale, g.readout, g.isolated), made, known)

    made = spec.build()
    if isinstance(made, Committee):
        members = in_precision(made.members, "mixed")
        return dataclasses.replace(made, members=eqx.filter_jit(eqx.filter_vmap(ready))(members))
    return eqx.filter_jit(ready)(in_precision(made, "mixed"))


def _sample(spec: GauntSpec, training: Sequence[Labelled]):
    """Some frames as one batch."""
    bound = [frame for frame in training if not is_isolated(frame)]
    chosen = np.random.default_rng(spec.weight_seed).permutation(len(bound))[:_SAMPLE]
    frames = [bound[index] for index in chosen]
    atoms = sum(len(frame.system.numbers) for frame in frames)
    (batch,) = Packer(frames, spec.symbols, spec.cutoff, atoms=atoms, frames_most=len(frames)).batches()
    return jax.device_put(batch)


def _scale(bound: Sequence[Labelled], offsets: np.ndarray, symbols: Sequence[str]) -> float:
    """Energy that bonds change by, eV: the mean force over 1 Å, or the spread of energies where forces are small."""
    energies = energies_left(bound, offsets, symbols)
    spread = float(np.std(energies)) if len(energies) else 0.0
    return max(_LEAST, float(labels_left(bound, offsets, symbols)[1]), spread)


def at_zero_of(start: Gaunt | Committee, training: Sequence[Labelled]) -> Gaunt | Committee:
    """A trained potential with energies of isolated atoms shifted to where the data count from.

    Only where that is beyond doubt: a shift by elements explains nearly all there is between the two.
    """
    symbols = start.spec.symbols
    rest = _left(start, training)
    shift = offsets_of([frame for frame in rest if not is_isolated(frame)], symbols)
    before, after = (np.sqrt(np.mean(energies_left(rest, one, symbols) ** 2)) for one in (0 * shift, shift))
    if before < _DOUBTFUL or before < _CLEAR * after:
        return start
    told = ", ".join(f"{symbol} {change:+.3f}" for symbol, change in zip(symbols, shift, strict=True))
    warnings.warn(f"energies of the data count from another zero; atoms are shifted by {told} eV", stacklevel=2)
    return _shifted(start, shift)


def _left(start: Gaunt | Committee, training: Sequence[Labelled]) -> list[Labelled]:
    """Frames with the energy that the potential does not explain."""
    found = predictions(start, training).energies
    return [replace(f, energy=f.energy - e) for f, e in zip(training, found, strict=True) if f.energy is not None]


def _shifted(start: Gaunt | Committee, shift: np.ndarray) -> Gaunt | Committee:
    """With other energies of isolated atoms, in their precision."""

    def place(one: Gaunt | Committee):
        return one.members.isolated if isinstance(one, Committee) else one.isolated

    return eqx.tree_at(place, start, replace_fn=lambda old: (old + shift).astype(old.dtype))
