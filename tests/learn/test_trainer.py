"""Training on frames labelled by a potential we know."""

import io

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.errors import InputError, TrainingError
from mlip_nb.learn import Labelled, Packer, Recipe, Trainer, fresh, split
from mlip_nb.learn._loss import graph_of_batch, squares
from mlip_nb.learn._soap import scale_by_soap
from mlip_nb.potentials.gaunt import GauntSpec

from .teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=2, channels=8, hidden=16, cutoff=4.2, members=2)
RECIPE = Recipe(epochs=40, batch=16, rate=5e-3, average=0.95, seed=3)
QUICK = RECIPE.replace(optimiser="adam")
"""Less to compile."""


@pytest.fixture(scope="module")
def frames() -> list[Labelled]:
    return frames_of_silicon()


@pytest.fixture(scope="module")
def trainer(frames) -> Trainer:
    return trainer_of(frames)


def trainer_of(frames, spec=SPEC, recipe=RECIPE) -> Trainer:
    training, validation = split(frames, validation=0.25, seed=0)
    return Trainer(fresh(spec, training), training, validation, recipe)


@pytest.fixture(scope="module")
def epochs(trainer) -> list:
    return list(trainer.epochs())


def leaves(tree) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


@pytest.mark.physics
def test_a_potential_learns_what_another_one_teaches(frames, trainer, epochs):
    forces = np.sqrt(np.mean(np.concatenate([frame.forces for frame in frames]) ** 2))
    energies = np.std([frame.energy for frame in frames]) / 8
    assert epochs[-1].validation[1] < 0.15 * forces
    assert epochs[-1].validation[0] < 0.2 * energies
    assert epochs[-1].validation[1] < 0.5 * epochs[2].validation[1]
    assert epochs[-1].training.shape == (2, 3)
    assert [epoch.number for epoch in epochs] == list(range(1, RECIPE.epochs + 1))


@pytest.mark.physics
def test_the_finished_potential_has_the_energies_of_whole_frames(frames, trainer, epochs):
    made = trainer.finished(epochs[-1].state)
    errors = [float(made.evaluate(frame.system).energy) - frame.energy for frame in frames[:3]]
    assert np.sqrt(np.mean(np.square(errors))) / 8 < 0.2 * np.std([frame.energy for frame in frames]) / 8


def test_training_goes_on_from_a_state_to_the_last_bit(frames, trainer, epochs):
    file = io.BytesIO()
    eqx.tree_serialise_leaves(file, epochs[1].state)
    file.seek(0)
    again = trainer_of(frames)
    state = eqx.tree_deserialise_leaves(file, again.begin())
    third, fourth = (epoch for epoch, _ in zip(again.epochs(state), range(2), strict=False))
    for one, other in ((third, epochs[2]), (fourth, epochs[3])):
        assert one.number == other.number
        np.testing.assert_array_equal(one.validation, other.validation)
        for left, right in zip(leaves(one.state), leaves(other.state), strict=True):
            np.testing.assert_array_equal(left, right)


def test_members_differ_and_the_best_of_each_is_kept(trainer, epochs):
    last = epochs[-1].state
    assert not np.allclose(*leaves(last.best)[0])
    assert (np.asarray(last.best_epoch) >= 1).all()
    assert np.isfinite(np.asarray(last.score)).all()
    kept = trainer.finished(last)
    best = [epochs[int(number) - 1].state.average for number in last.best_epoch]
    for member, average in enumerate(best):
        np.testing.assert_array_equal(kept.members.readout[member], np.asarray(average.readout)[member])


@pytest.mark.physics
def test_members_learn_as_they_would_alone(frames):
    training, validation = split(frames, validation=0.25, seed=0)
    start, recipe = fresh(SPEC, training), QUICK
    together, alone = (next(Trainer(p, training, validation, recipe).epochs()) for p in (start, start.member(1)))
    # The order of sums is another one.
    np.testing.assert_allclose(together.training[1], alone.training[0], rtol=1e-3)


@pytest.mark.physics
def test_training_ends_when_it_no_longer_helps(frames):
    still = list(trainer_of(frames, recipe=QUICK.replace(patience=2, rate=1e-12, average=0.0)).epochs())
    assert len(still) < 12


def test_a_loss_that_runs_away_is_noticed(frames):
    wild = trainer_of(frames, recipe=QUICK.replace(rate=50.0, clip=1e9))
    with pytest.raises(TrainingError, match=r"diverged in epoch \d+.*--rate"):
        list(wild.epochs())


@pytest.mark.physics
def test_a_rate_given_for_each_epoch_is_followed(frames):
    trainer, seen = trainer_of(frames, recipe=QUICK), []
    list(zip(range(2), trainer.epochs(rate=lambda number: seen.append(number) or 0.0), strict=False))
    first = next(trainer.epochs(rate=lambda number: 0.0))
    assert seen[:2] == [1, 2]
    np.testing.assert_array_equal(leaves(first.state.parameters)[0], leaves(trainer.begin().parameters)[0])


def test_another_rate_is_no_other_program(frames, monkeypatch):
    traced = []
    monkeypatch.setattr("mlip_nb.learn.trainer.squares", lambda *given: traced.append(1) or squares(*given))
    epochs = trainer_of(frames, recipe=QUICK).epochs(rate=lambda number: 1e-4 * number)
    next(epochs)
    first = len(traced)
    next(epochs)
    assert first > 0
    assert len(traced) == first


def test_what_the_data_fixed_is_not_trained(trainer, epochs):
    before, after = trainer.finished(trainer.begin()), trainer.finished(epochs[-1].state)
    for name in ("density_mean", "density_scale", "mean", "scale"):
        one, other = (getattr(made.members.first.invariants, name) for made in (before, after))
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(before.members.first.invariants.mixing, after.members.first.invariants.mixing)


def test_invariants_of_the_data_start_at_zero_mean_and_unit_variance(frames):
    start = fresh(SPEC, frames[:24]).member(1)
    (batch,) = Packer(frames[:24], ("Si",), SPEC.cutoff, atoms=192, frames_most=24).batches()
    found = start.first.invariants(start.first_density(start._surroundings(graph_of_batch(jax.device_put(batch)))))
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(found.std(axis=1), 1, atol=2e-2)


def test_there_are_no_forces_before_the_first_step(frames, trainer):
    start = trainer.finished(trainer.begin())
    told = start.evaluate(frames[0].system)
    assert float(told.energy) == pytest.approx(8 * float(start.members.isolated[0, 0]), abs=1e-3)
    np.testing.assert_allclose(told.forces, 0, atol=1e-6)


@pytest.mark.parametrize("forces", ["none", "zero"])
def test_energies_alone_teach_something(frames, forces):
    told = [
        Labelled(frame.system, frame.energy, None if forces == "none" else 0 * frame.forces, None, index=frame.index)
        for frame in frames[:6]
    ]
    assert float(fresh(SPEC.replace(members=1), told).scale) > 1e-3


def test_frames_without_energies_teach_nothing(frames):
    mute = [Labelled(frame.system, None, frame.forces, None) for frame in frames[:4]]
    with pytest.raises(InputError, match="no frame has an energy"):
        fresh(SPEC, mute)


def test_steps_of_soap_turn_with_the_gradients():
    """The basis is that of the gradients: turned gradients have turned updates. Adam's depend on the axes."""
    rng = np.random.default_rng(0)
    gradients = jnp.asarray(rng.normal(size=(25, 5, 4)) * np.array([1, 3, 10, 30]))
    turn = jnp.asarray(np.linalg.qr(rng.normal(size=(5, 5)))[0])

    def updates(gradients):
        optimiser = scale_by_soap()
        state = optimiser.init(gradients[0])
        _, all_of_them = jax.lax.scan(lambda s, g: optimiser.update(g, s)[::-1], state, gradients)
        return all_of_them

    np.testing.assert_allclose(updates(turn @ gradients), turn @ updates(gradients), atol=1e-6)


def test_soap_finds_the_bottom_of_a_narrow_valley_in_any_direction():
    rng = np.random.default_rng(1)
    left, right = (jnp.asarray(np.linalg.qr(rng.normal(size=(6, 6)))[0]) for _ in range(2))
    steep = jnp.asarray(np.logspace(0, 3, 6))
    optimiser = scale_by_soap()

    def loss(values):
        return jnp.sum(steep[:, None] * (left @ values @ right) ** 2)

    def step(carry, rate):
        values, state = carry
        updates, state = optimiser.update(jax.grad(loss)(values), state)
        return (values - rate * updates, state), None

    start = jnp.asarray(rng.normal(size=(6, 6)))
    (end, _), _ = jax.lax.scan(step, (start, optimiser.init(start)), 0.1 * jnp.linspace(1, 0, 400))
    assert loss(end) < 1e-6 * loss(start)


def test_members_of_a_stack_know_nothing_of_each_other():
    rng = np.random.default_rng(0)
    gradients = {
        "matrix": jnp.asarray(rng.normal(size=(12, 3, 5, 4))),
        "vector": jnp.asarray(rng.normal(size=(12, 3, 6))),
    }

    def updates(gradients, **options):
        optimiser = scale_by_soap(**options)
        state = optimiser.init(jax.tree.map(lambda leaf: leaf[0], gradients))
        return jax.lax.scan(lambda s, g: optimiser.update(g, s)[::-1], state, gradients)[1]

    together = updates(gradients, stacked=True)
    for member in range(3):
        alone = updates(jax.tree.map(lambda leaf, member=member: leaf[:, member], gradients))
        for one, other in zip(leaves(together), leaves(alone), strict=True):
            np.testing.assert_allclose(one[:, member], other, atol=1e-9)
