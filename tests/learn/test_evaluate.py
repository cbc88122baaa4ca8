"""Errors of potentials on labelled frames."""

import dataclasses

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.learn import Labels, errors, predictions
from mlip_nb.learn.evaluate import _one_by_one
from mlip_nb.potentials import potential

from .teacher import frames_of_silicon


@pytest.fixture(scope="module")
def frames():
    return frames_of_silicon(6)


@pytest.fixture(scope="module")
def teacher():
    return potential("stillinger-weber")


def test_whoever_made_the_labels_has_no_errors(frames, teacher):
    found = errors(predictions(teacher, frames), Labels.of(frames))
    for name in ("energy_mae", "energy_rmse", "force_mae", "force_rmse", "stress_mae", "stress_rmse"):
        assert found[name] < 1e-9
    assert found["force_cosine"] == pytest.approx(1)


def test_batches_give_what_single_frames_give(frames, teacher):
    # Another order of the same frames, as a split gives them.
    mixed = [frames[place] for place in (3, 0, 5, 1)]
    for together, alone in zip(
        vars(predictions(teacher, mixed)).values(), vars(_one_by_one(teacher, mixed)).values(), strict=True
    ):
        np.testing.assert_allclose(together, alone, atol=1e-9)


def test_errors_are_those_that_were_made(frames, teacher):
    wrong = [
        dataclasses.replace(
            frame, energy=frame.energy + 0.08 * (1 if frame.index % 2 else -1), forces=frame.forces + 0.5
        )
        for frame in frames
    ]
    found = errors(predictions(teacher, wrong), Labels.of(wrong))
    assert found["energy_mae"] == pytest.approx(0.01)
    assert found["energy_rmse"] == pytest.approx(0.01)
    assert found["force_rmse"] == pytest.approx(0.5)
    np.testing.assert_allclose(found["frame_force_rmse"], 0.5)
    np.testing.assert_allclose(found["group_force_rmse"], [0.5, 0.5])
    np.testing.assert_allclose(found["element_force_rmse"], [0.5])


def test_what_is_not_labelled_is_not_judged(frames, teacher):
    mute = [dataclasses.replace(frame, forces=None, stress=None) for frame in frames]
    found = errors(predictions(teacher, mute), Labels.of(mute))
    assert found["energy_rmse"] < 1e-9
    assert np.isnan([found["force_rmse"], found["stress_rmse"]]).all()


def test_the_dataset_has_potentials_side_by_side(frames, teacher):
    data = mlip_nb.evaluate({"right": teacher, "tersoff": potential("tersoff")}, frames)
    assert data["potential"].values.tolist() == ["right", "tersoff"]
    assert float(data["force_rmse"].sel(potential="right")) < 1e-9 < float(data["force_rmse"].sel(potential="tersoff"))
    assert data["predicted_forces"].shape == (2, 48, 3)
    assert data["group"].values.tolist() == ["first", "second"]
    assert data["reference_stress"].attrs["units"] == "GPa"
    assert len(data.mlip.plot().axes) == 3


def test_what_a_potential_does_not_cover_is_named(frames):
    with pytest.raises(InputError, match="frame 0 has Si; sutton-chen covers"):
        predictions(potential("sutton-chen"), frames)
    with pytest.raises(InputError, match="a potential and a frame"):
        mlip_nb.evaluate({}, frames)


def test_predictions_that_are_no_numbers_are_no_success(frames, teacher):
    found = predictions(teacher, frames)
    found.energies[0], found.forces[3] = np.nan, np.inf
    told = errors(found, Labels.of(frames))
    for name in ("energy_mae", "energy_rmse", "force_mae", "force_rmse"):
        assert np.isposinf(told[name])
    assert np.isposinf(told["frame_force_rmse"][0])
    assert np.isfinite(told["frame_force_rmse"][1:]).all()
