"""Training: a potential follows the gradient of its loss, and the average of its path is what remains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, PyTree

from ..potentials.gaunt import Gaunt, GauntSpec
from ._loss import Squares, graph_of_batch, predict, squares
from ._offsets import offsets_of
from ._packing import Batch, Packer
from ._recipe import Recipe
from .frames import Labelled

_SAMPLE = 24
"""Frames by which invariants are standardised."""
_LEAST = 1e-3
"""eV; data in which less happens teach nothing."""


class TrainState(eqx.Module):
    """All that is needed to continue."""

    parameters: PyTree
    average: PyTree
    optimiser: PyTree
    epoch: Int[Array, ""]


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data brought: root mean squares of energy (eV/atom), forces (eV/Å), stress (eV/Å³)."""

    number: int
    """Counted from 1."""
    training: Float[np.ndarray, "3"]
    """During the epoch."""
    validation: Float[np.ndarray, "3"]
    """After it, of the averaged parameters, on frames kept aside."""
    state: TrainState


class Trainer:
    """A potential, frames to learn from, and frames to judge by."""

    def __init__(self, spec: GauntSpec, training: Sequence[Labelled], validation: Sequence[Labelled], recipe: Recipe):
        """**Raises:** `InputError` for frames without energies, or with elements that the potential does not cover."""
        self.recipe, self.offsets = recipe, offsets_of(training, spec.symbols)
        pack = partial(Packer, elements=spec.symbols, cutoff=spec.cutoff, offsets=self.offsets)
        self._training = pack(training, atoms=recipe.batch, frames_most=max(1, recipe.batch // 4))
        self._validation = pack(validation, atoms=4 * recipe.batch, frames_most=recipe.batch).batches()
        self._start = _standardised(spec.replace(precision="mixed", seed=recipe.seed).build(), training, pack, recipe)
        self._chosen = trained_part(self._start)
        self._optimiser = recipe.transformation(recipe.epochs * self._training.count(0))

    def begin(self) -> TrainState:
        """Before the first epoch."""
        parameters = eqx.filter(self._start, self._chosen)
        return TrainState(parameters, parameters, self._optimiser.init(parameters), jnp.zeros((), jnp.int32))

    def epochs(self, state: TrainState | None = None) -> Iterator[Epoch]:
        """One after another, from `state` on. The same state is followed by the same epochs, to the last bit."""
        state = self.begin() if state is None else state
        fixed = eqx.filter(self._start, self._chosen, inverse=True)
        for number in range(int(state.epoch) + 1, self.recipe.epochs + 1):
            found = []
            for batch in self._training.batches(_shuffle(self.recipe.seed, number)):
                state, errors = _step(state, fixed, self._optimiser, self.recipe, batch)
                found.append(errors)
            state = eqx.tree_at(lambda s: s.epoch, state, jnp.int32(number))
            yield Epoch(number, root_mean_squares(found), self.judge(state), state)

    def judge(self, state: TrainState) -> Float[np.ndarray, "3"]:
        """Root mean squares on the frames kept aside."""
        potential = eqx.combine(state.average, self._start)
        return root_mean_squares([errors(potential, batch) for batch in self._validation])

    def finished(self, state: TrainState) -> Gaunt:
        """The potential with averaged parameters, and with the energies of atoms given back."""
        made = eqx.combine(state.average, self._start)
        return eqx.tree_at(lambda g: g.isolated, made, jnp.asarray(self.offsets, made.isolated.dtype))


def trained_part(potential: Gaunt) -> PyTree:
    """True for what training changes: not what the data are standardised by, nor the scale and offsets of energies."""
    chosen = jax.tree.map(eqx.is_inexact_array, potential)
    return eqx.tree_at(_given_by_data, chosen, replace_fn=lambda _: False)


def _given_by_data(potential: Gaunt) -> list:
    layers = [layer.invariants for layer in (potential.first, potential.second) if layer is not None]
    standards = [(one.density_mean, one.density_scale, one.mean, one.scale) for one in layers]
    return [*sum(standards, ()), potential.scale, potential.isolated]


@eqx.filter_jit
def errors(potential: Gaunt, batch: Batch) -> Squares:
    """Of a potential whose isolated atoms have no energy."""
    return squares(predict(potential, batch), batch)


def root_mean_squares(found: Sequence[Squares]) -> Float[np.ndarray, "3"]:
    """Of several batches together."""
    return np.sqrt(np.asarray(jax.tree.map(lambda *leaves: jnp.stack(leaves).sum(axis=0), *found).means))


@eqx.filter_jit
def _step(state: TrainState, fixed: PyTree, optimiser: optax.GradientTransformation, recipe: Recipe, batch: Batch):
    """One step of the optimiser, and the errors it started from."""

    def loss(parameters: PyTree):
        found = squares(predict(eqx.combine(parameters, fixed), batch), batch)
        weights = jnp.asarray([recipe.energy, recipe.forces, recipe.stress], found.energy.dtype)
        return found.means @ weights, found

    gradient, found = jax.grad(loss, has_aux=True)(state.parameters)
    updates, rest = optimiser.update(gradient, state.optimiser, state.parameters)
    parameters = eqx.apply_updates(state.parameters, updates)
    keep = recipe.average
    average = jax.tree.map(lambda mean, new: keep * mean + (1 - keep) * new, state.average, parameters)
    return TrainState(parameters, average, rest, state.epoch), found


def _standardised(start: Gaunt, training: Sequence[Labelled], pack, recipe: Recipe) -> Gaunt:
    """Invariants of some frames at unit variance, no forces yet, and energies in units of the mean force."""
    chosen = np.random.default_rng(recipe.seed).permutation(len(training))[:_SAMPLE]
    frames = [training[index] for index in chosen]
    atoms = sum(len(frame.system.numbers) for frame in frames)
    (batch,) = jax.device_put(pack(frames, atoms=atoms, frames_most=len(frames)).batches())
    weights = batch.real.astype(batch.vectors.dtype)
    made = eqx.filter_jit(Gaunt.standardised)(start, graph_of_batch(batch), weights / weights.sum())
    scale = jnp.asarray(_scale(training), made.scale.dtype)
    return eqx.tree_at(lambda g: (g.scale, g.readout), made, (scale, jnp.zeros_like(made.readout)))


def _scale(training: Sequence[Labelled]) -> float:
    """Energy that bonds change by, eV: the mean force over 1 Å, or the spread of energies where forces are small."""
    forces = [frame.forces.ravel() for frame in training if frame.forces is not None]
    energies = [frame.energy / len(frame.system.numbers) for frame in training if frame.energy is not None]
    force = np.sqrt(np.mean(np.concatenate(forces) ** 2)) if forces else 0.0
    return max(_LEAST, float(force), float(np.std(energies)))


def _shuffle(seed: int, epoch: int) -> int:
    """A seed for the order of frames in an epoch."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0])
