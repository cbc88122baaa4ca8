"""Where training begins: random weights, and what the data say about scales."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..potentials.gaunt import Committee, Gaunt, GauntSpec, in_precision
from ._loss import graph_of_batch
from ._offsets import is_isolated, labels_left, offsets_of
from ._packing import Packer
from .frames import Labelled

_SAMPLE = 24
"""Frames by which invariants are standardised."""
_LEAST = 1e-3
"""eV; data in which less happens teach nothing."""


def fresh(spec: GauntSpec, training: Sequence[Labelled]) -> Gaunt | Committee:
    """A potential with random weights, ready to be trained on these frames.

    Invariants of some of them have unit variance, energies are in units of the mean force, and there are no forces yet.

    **Raises:** `InputError` for frames without energies, or with elements that the potential does not cover.
    """
    offsets = offsets_of(training, spec.symbols)
    scale = _scale(labels_left(training, offsets, spec.symbols), training)
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


def _scale(left: np.ndarray, training: Sequence[Labelled]) -> float:
    """Energy that bonds change by, eV: the mean force over 1 Å, or the spread of energies where forces are small."""
    energies = [frame.energy / len(frame.system.numbers) for frame in training if frame.energy is not None]
    return max(_LEAST, float(left[1]), float(np.std(energies)))
