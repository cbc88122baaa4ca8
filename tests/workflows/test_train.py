"""Training as a run: stored, continued after a kill, steered, stopped."""

import dataclasses
import multiprocessing
import os
import signal
import time

import jax
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.learn import predictions
from mlip_nb.potentials import load_weights, potential, save_weights
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.workflows.train import Train, begun

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, members=2)
TRAIN = Train(epochs=12, batch=32, rate=5e-3, average=0.9, validation=0.25, optimiser="adam")


@pytest.fixture(scope="module")
def frames():
    return frames_of_silicon(12)


@pytest.fixture(scope="module")
def whole(frames):
    """An uninterrupted training: its Dataset and its potential."""
    run = TRAIN.start(frames, SPEC.build())
    return run.result(), run.product()


def same(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def test_the_dataset_is_a_learning_curve_with_its_origin(whole, frames):
    data, made = whole
    np.testing.assert_array_equal(data["epoch"], np.arange(1, 13))
    assert data["force_error"].attrs["units"] == "eV/Å"
    assert float(data["force_error"][-1]) < float(data["force_error"][0])
    assert data["best_epoch"].dims == ("frame", "member")
    assert data.attrs["status"] == "finished"
    assert '"frames": 12' in data.attrs["data"]
    assert made.spec.members == 2
    assert len(data.mlip.plot().axes) == 3


def test_the_same_seed_gives_the_same_weights(whole, frames):
    again = TRAIN.start(frames, SPEC.build())
    again.result()
    assert same(again.product(), whole[1])


def test_a_stopped_training_goes_on_to_the_last_bit(whole, frames, tmp_path, monkeypatch):
    monkeypatch.setattr("mlip_nb.workflows._run._NOTICE_SECONDS", 0.0)
    run = TRAIN.start(frames, SPEC.build(), save=tmp_path / "t.zarr")
    run.on_update(lambda run: run.stop() if run.done >= 4 else None)
    assert run.wait().status == "stopped"
    assert run.done < 12
    rest = TRAIN.extended(12 - run.done).start(frames, SPEC.build(), save=tmp_path / "t.zarr", append=True)
    data = rest.result()
    np.testing.assert_array_equal(data["epoch"], np.arange(1, 13))
    np.testing.assert_array_equal(data["force_error"], whole[0]["force_error"])
    assert same(rest.product(), whole[1])


def _train(path: str) -> None:
    TRAIN.start(frames_of_silicon(12), SPEC.build(), save=path, checkpoint_every=1e-3).wait()


@pytest.mark.physics
def test_a_killed_training_goes_on_to_the_last_bit(whole, frames, tmp_path):
    path = tmp_path / "t.zarr"
    process = multiprocessing.get_context("spawn").Process(target=_train, args=(str(path),))
    process.start()
    while process.is_alive() and not (path.exists() and mlip_nb.open(path).sizes.get("frame", 0) > 2):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    known = max(int(mlip_nb.open(path).attrs["done"]), int(mlip_nb.open(path)["epoch"][-1]))
    assert known >= 3
    if known < 12:
        rest = TRAIN.extended(12 - known).start(frames, SPEC.build(), save=path, append=True)
        rest.result()
        assert same(rest.product(), whole[1])
    np.testing.assert_array_equal(mlip_nb.open(path)["force_error"], whole[0]["force_error"])


@pytest.mark.physics
def test_the_learning_rate_can_be_steered(frames):
    data = TRAIN.replace(epochs=6).replay(frames, SPEC.build(), [(3, {"rate": 1e-4})])
    np.testing.assert_array_equal(data["learning_rate"], [5e-3] * 3 + [1e-4] * 3)
    run = TRAIN.start(frames, SPEC.build())
    assert run.live == {"rate": 5e-3}
    with pytest.raises(InputError, match="rate"):
        run.set(rate=-1.0)
    run.stop()
    run.wait()


def test_training_goes_on_from_a_trained_potential(whole, frames):
    data = TRAIN.replace(epochs=1, rate=1e-9).run(frames, whole[1])
    assert float(data["force_error"][0]) == pytest.approx(float(whole[0]["force_error"][-1]), rel=0.05)


@pytest.mark.physics
def test_a_rate_that_is_too_high_keeps_what_was_best(frames):
    run = mlip_nb.Run(TRAIN, frames, SPEC.build(), steering=[(5, {"rate": 1e6})]).start()
    with pytest.warns(RunWarning, match="diverged in epoch 6.* at rate 1e\\+06"):
        data = run.result()
    assert data.attrs["status"] == "failed"
    assert data.sizes["frame"] == 5
    kept, good = run.product(), TRAIN.extended(5)
    assert np.isfinite(np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(kept)])).all()
    assert float(mlip_nb.evaluate(kept, good.parts(frames)[1])["force_rmse"][0]) < 2 * float(data["force_error"].min())


@pytest.mark.physics
def test_a_training_that_has_ended_by_itself_keeps_its_potential(frames, tmp_path):
    still = TRAIN.replace(patience=2, rate=1e-12, average=0.0, epochs=30)
    ended = still.start(frames, SPEC.build(), save=tmp_path / "t.zarr")
    data = ended.result()
    assert data.attrs["status"] == "finished"
    assert data.sizes["frame"] < 12
    again = still.extended(5).start(frames, SPEC.build(), save=tmp_path / "t.zarr", append=True)
    with pytest.warns(RunWarning, match="was better in 2 epochs, so this training has ended"):
        again.result()
    assert same(again.product(), ended.product())


def test_data_that_count_from_another_zero_are_noticed(whole, frames):
    shifted = [dataclasses.replace(frame, energy=frame.energy - 800.0) for frame in frames]
    with pytest.warns(UserWarning, match="another zero; atoms are shifted by Si -100.0"):
        moved = begun(whole[1], shifted)
    # What is left has no mean: a shift by elements is taken off to the last digit of single precision.
    left = predictions(moved, shifted).energies - [frame.energy for frame in shifted]
    assert np.mean(left) == pytest.approx(0, abs=1e-4)
    assert np.std(left) == pytest.approx(np.std(predictions(whole[1], frames).energies - [f.energy for f in frames]))
    assert begun(whole[1], frames) is whole[1]


def test_a_potential_that_comes_with_the_package_is_trained_further_and_saved(frames, tmp_path):
    shipped = potential("mlip-Si", members=1)
    TRAIN.prepare(frames, shipped)
    saved = save_weights(shipped, tmp_path / "si.safetensors")
    assert load_weights(saved).fingerprint == shipped.fingerprint


@pytest.mark.physics
def test_one_step_is_a_step(frames):
    data = TRAIN.replace(epochs=1, batch=1000).run(frames, SPEC.build())
    assert data.attrs["status"] == "finished"


@pytest.mark.physics
def test_without_frames_aside_the_last_epoch_is_taken(frames):
    run = TRAIN.replace(epochs=2, validation=0).start(frames, SPEC.build())
    data = run.result()
    assert np.isnan(data["force_error"]).all()
    np.testing.assert_array_equal(data["best_epoch"][-1], [2, 2])


def test_other_data_are_no_continuation(frames, tmp_path):
    TRAIN.replace(epochs=1).run(frames, SPEC.build(), save=tmp_path / "t.zarr")
    with pytest.raises(InputError, match="trained on other data"):
        TRAIN.run(frames[1:], SPEC.build(), save=tmp_path / "t.zarr", append=True)


def test_what_cannot_be_trained_is_refused(frames):
    with pytest.raises(InputError, match="stillinger-weber has no weights to train"):
        TRAIN.run(frames, potential("stillinger-weber"))
    with pytest.raises(InputError, match="frame 0 has Si, which this potential does not cover"):
        TRAIN.run(frames, SPEC.replace(symbols=("Ge",)).build())
    with pytest.raises(InputError, match="too few"):
        TRAIN.run([dataclasses.replace(frames[0])], SPEC.build())
    broken = [*frames[:3], dataclasses.replace(frames[3], energy=float("nan"))]
    with pytest.raises(InputError, match="frame 3 has an energy that is not finite"):
        TRAIN.run(broken, SPEC.build())
