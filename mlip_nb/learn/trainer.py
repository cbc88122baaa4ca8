"""Training: potentials follow the gradient of their loss, and the average of each one's path is what remains."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from ..errors import TrainingError
from ..potentials.gaunt import Committee, Gaunt, in_precision
from ._frozen import without
from ._loss import Predictions, Squares, predict, root_mean_squares, squares
from ._offsets import labels_left
from ._packing import Batch, Packer
from ._recipe import Recipe
from .evaluate import Labels, Predicted, of_batches
from .frames import Labelled

_DIVERGED = 100.0
"""Times the loss of a potential that knows nothing, from which on training has gone wrong."""
_TINY = 1e-4
"""A loss that is no reason to worry, whatever the data."""
_TERMS = ("energy, eV/atom:", "forces, eV/Å:", "stress, eV/Å³:")


class TrainState(eqx.Module):
    """All that is needed to continue. The first axis of every array but `optimiser`'s counts is that of members."""

    parameters: PyTree
    average: PyTree
    optimiser: PyTree
    best: PyTree
    """Averages at the best epoch of each member."""
    score: Float[Array, " members"]
    """Loss of those, on the frames kept aside."""
    best_epoch: Int[Array, " members"]
    epoch: Int[Array, ""]


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data brought: root mean squares of energy (eV/atom), forces (eV/Å), stress (eV/Å³)."""

    number: int
    """Counted from 1."""
    training: Float[np.ndarray, "members 3"]
    """During the epoch."""
    validation: Float[np.ndarray, "3"]
    """After it, of the mean of averaged members, on frames kept aside; NaN where there are none."""
    state: TrainState
    predicted: Predicted | None
    """Of the mean of averaged members on frames kept aside, beside `Trainer.labels`."""


class Trainer:
    """Potentials, frames to learn from, and frames to judge by."""

    def __init__(
        self,
        start: Gaunt | Committee,
        training: Sequence[Labelled],
        validation: Sequence[Labelled],
        recipe: Recipe,
    ):
        """`start` is what `fresh` makes of random weights, or anything trained before.

        **Raises:** `InputError` for frames with elements that the potential does not cover.
        """
        self.recipe, self.spec = recipe, start.spec
        members = start.members if isinstance(start, Committee) else jax.tree.map(lambda leaf: leaf[None], start)
        self._isolated = np.asarray(members.isolated, float)
        alone = eqx.tree_at(lambda one: one.isolated, members, jnp.zeros_like(members.isolated))
        single = in_precision(alone, "float32")
        self._begin, self._fixed = eqx.partition(single, trained_part(single, recipe.freeze))
        pack = partial(Packer, elements=self.spec.symbols, cutoff=start.cutoff, offsets=self._isolated[0])
        self._training = pack(training, atoms=recipe.batch, frames_most=max(1, recipe.batch // 4))
        judged = [replace(frame, index=place) for place, frame in enumerate(validation)]
        batches = pack(judged, atoms=4 * recipe.batch, frames_most=recipe.batch).batches() if judged else []
        self._batches, self._validation = batches, jax.device_put(batches)
        self.labels = _labels(judged, self._isolated[0], self.spec.symbols) if judged else None
        """Of the frames kept aside, energies less those of the atoms; None without such frames."""
        self._optimiser = recipe.transformation(recipe.epochs * self._training.count(0))
        nothing = _loss(recipe, labels_left(training, self._isolated[0], self.spec.symbols))
        self._worst = _DIVERGED * max(nothing, _TINY)

    def begin(self) -> TrainState:
        """Before the first epoch."""
        members = len(self._isolated)
        return TrainState(
            parameters=self._begin,
            average=self._begin,
            optimiser=self._optimiser.init(self._begin),
            best=self._begin,
            score=jnp.full(members, jnp.inf, jnp.float32),
            best_epoch=jnp.zeros(members, jnp.int32),
            epoch=jnp.zeros((), jnp.int32),
        )

    def epochs(self, state: TrainState | None = None, rate: Callable[[int], float] | None = None) -> Iterator[Epoch]:
        """One after another, from `state` on, with a learning rate for each. The same state and rates are followed by
        the same epochs, to the last bit. Ends early when no member has become better for a while.

        **Raises:** `TrainingError` when the loss runs away; the epochs before it are good.
        """
        state = self.begin() if state is None else state
        while int(state.epoch) < self.recipe.epochs and not self._exhausted(state):
            number = int(state.epoch) + 1
            speed = self.recipe.rate if rate is None else rate(number)
            # An array: another number would be another program.
            state, training = self._pass(state, number, jnp.asarray(speed, jnp.float32))
            self._check(number, training, speed)
            epoch = self._judged(state, number, training)
            state = epoch.state
            yield epoch

    def as_it_is(self, state: TrainState) -> Epoch:
        """A state judged as the first epoch, without a step."""
        members = eqx.combine(state.average, self._fixed)
        found = [_errors(members, batch)[0] for batch in self._training.stream()]
        return self._judged(state, 1, root_mean_squares(found))

    def finished(self, state: TrainState) -> Gaunt | Committee:
        """The best of each member, with the energies of atoms given back."""
        made = eqx.combine(state.best, self._fixed)
        made = eqx.tree_at(lambda one: one.isolated, made, jnp.asarray(self._isolated))
        made = in_precision(made, self.spec.precision)
        if self.spec.members > 1:
            return Committee(made, made.cutoff, self.spec)
        return jax.tree.map(lambda leaf: leaf[0], made)

    def _pass(
        self, state: TrainState, number: int, rate: Float[Array, ""]
    ) -> tuple[TrainState, Float[np.ndarray, "members 3"]]:
        found = []
        for batch in self._training.stream(_shuffle(self.recipe.seed, number)):
            state, errors = _step(state, self._fixed, self._optimiser, self.recipe, rate, batch)
            found.append(errors)
        return state, root_mean_squares(found)

    def _judged(self, state: TrainState, number: int, training: Float[np.ndarray, "members 3"]) -> Epoch:
        members = eqx.combine(state.average, self._fixed)
        found = [_errors(members, batch) for batch in self._validation]
        if not found:
            state = _with_best(state, jnp.full_like(state.score, -jnp.inf), number)
            return Epoch(number, training, np.full(3, np.nan), state, None)
        *squared, told = zip(*found, strict=True)
        each, mean = (root_mean_squares(list(part)) for part in squared)
        state = _with_best(state, jnp.asarray(_loss(self.recipe, each), jnp.float32), number)
        return Epoch(number, training, mean, state, of_batches(told, self._batches))

    def check_patience(self, state: TrainState) -> None:
        """**Raises:** `TrainingError` for a training that has ended because nothing became better."""
        if int(state.epoch) < self.recipe.epochs and self._exhausted(state):
            raise TrainingError(
                f"no epoch after {int(state.best_epoch.max())} was better in {self.recipe.patience} epochs, so this "
                "training has ended; train further from its potential, or anew with more patience"
            )

    def _exhausted(self, state: TrainState) -> bool:
        return int(state.epoch - state.best_epoch.max()) >= self.recipe.patience

    def _check(self, number: int, training: np.ndarray, rate: float) -> None:
        if np.all(_loss(self.recipe, training) < self._worst):
            return
        worst = dict(zip(_TERMS, training.max(axis=0), strict=True))
        told = ", ".join(f"{name} {value:.3g}" for name, value in worst.items())
        kept = "the best epoch before it is kept" if number > 1 else "nothing was learned"
        raise TrainingError(
            f"training diverged in epoch {number} at rate {rate:g} (errors of {told}); {kept}. Train at a lower rate, "
            f"such as --rate {rate / 4:.1g}"
        )


def trained_part(potential: Gaunt, freeze: Sequence[str] = ()) -> PyTree:
    """True for what training changes: not what the data are standardised by, nor the scale and offsets of energies.

    **Raises:** `InputError` for a pattern of weights to freeze that matches none, or when nothing is left.
    """
    chosen = jax.tree.map(eqx.is_inexact_array, potential)
    return without(eqx.tree_at(_given_by_data, chosen, replace_fn=lambda _: False), freeze, known=chosen)


def _given_by_data(potential: Gaunt) -> list:
    layers = [layer.invariants for layer in (potential.first, potential.second) if layer is not None]
    standards = [(one.density_mean, one.density_scale, one.mean, one.scale) for one in layers]
    # With one element there is nothing to embed.
    embedding = [potential.embedding] if len(potential.spec.symbols) == 1 else []
    return [*sum(standards, ()), potential.scale, potential.isolated, *embedding]


def _labels(frames: Sequence[Labelled], offsets: np.ndarray, symbols: Sequence[str]) -> Labels:
    """Energies less those of the atoms."""
    labels = Labels.of(frames)
    counts = np.array([[frame.system.symbols.count(symbol) for symbol in symbols] for frame in frames])
    return replace(labels, energies=labels.energies - counts @ offsets)


@eqx.filter_jit
def _errors(members: Gaunt, batch: Batch) -> tuple[Squares, Squares, Predictions]:
    """Of each member, and of their mean; and what this says."""
    predicted = jax.vmap(predict, in_axes=(0, None))(members, batch)
    each = jax.vmap(squares, in_axes=(0, None))(predicted, batch)
    mean = jax.tree.map(lambda leaf: leaf.mean(axis=0), predicted)
    return each, squares(mean, batch), mean


@eqx.filter_jit
def _step(state: TrainState, fixed: PyTree, optimiser, recipe: Recipe, rate: Float[Array, ""], batch: Batch):
    """One step of the optimiser, and the errors it started from."""

    def loss(parameters: PyTree, fixed: PyTree):
        found = squares(predict(eqx.combine(parameters, fixed), batch), batch)
        return _weighted(recipe, found.means), found

    gradient, found = jax.vmap(jax.grad(loss, has_aux=True))(state.parameters, fixed)
    updates, rest = optimiser.update(gradient, state.optimiser, state.parameters)
    parameters = jax.tree.map(lambda old, change: old + rate * change, state.parameters, updates)
    keep = recipe.average
    average = jax.tree.map(lambda mean, new: keep * mean + (1 - keep) * new, state.average, parameters)
    moved = (parameters, average, rest)
    return eqx.tree_at(lambda s: (s.parameters, s.average, s.optimiser), state, moved), found


@eqx.filter_jit
def _with_best(state: TrainState, score: Float[Array, " members"], number: Int[Array, ""] | int) -> TrainState:
    """After an epoch that brought each member this loss."""
    better = score < jnp.where(jnp.isneginf(score), jnp.inf, state.score)

    def choose(new: Array, old: Array) -> Array:
        return jnp.where(better.reshape(-1, *(1 for _ in new.shape[1:])), new, old)

    best = jax.tree.map(choose, state.average, state.best)
    epochs = jnp.where(better, number, state.best_epoch).astype(jnp.int32)
    kept = (best, choose(score, state.score), epochs, jnp.asarray(number, jnp.int32))
    return eqx.tree_at(lambda s: (s.best, s.score, s.best_epoch, s.epoch), state, kept)


def _loss(recipe: Recipe, errors: Float[np.ndarray, "*members 3"]) -> Float[np.ndarray, "*members"]:
    """From root mean squares."""
    return _weighted(recipe, errors**2)


def _weighted(recipe: Recipe, means):
    return recipe.energy * means[..., 0] + recipe.forces * means[..., 1] + recipe.stress * means[..., 2]


def _shuffle(seed: int, epoch: int) -> int:
    """A seed for the order of frames in an epoch."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0])
