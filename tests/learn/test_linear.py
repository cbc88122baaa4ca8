"""Linear fits of the last layer: exact where the teacher is linear, and honest about frames left out."""

import dataclasses

import equinox as eqx
import jax
import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.learn import Recipe, fit_linear, fresh, predictions
from mlip_nb.learn.linear import left_out, regression
from mlip_nb.potentials._extended import with_elements
from mlip_nb.potentials.gaunt import GauntSpec

from .teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
RECIPE = Recipe(batch=64)


@pytest.fixture(scope="module")
def frames():
    return frames_of_silicon(10)


def taught_by(teacher, frames):
    told = predictions(teacher, frames)
    forces = np.split(told.forces, len(frames))
    return [
        dataclasses.replace(frame, energy=float(energy), forces=force, stress=stress)
        for frame, energy, force, stress in zip(frames, told.energies, forces, told.stresses, strict=True)
    ]


def test_a_teacher_with_the_same_features_is_found(frames):
    start = fresh(SPEC, frames)
    readout = np.random.default_rng(0).normal(size=start.readout.shape)
    teacher = eqx.tree_at(lambda one: one.readout, start, jax.numpy.asarray(readout))
    made, (fit,) = fit_linear(start, taught_by(teacher, frames), RECIPE)
    told, found = predictions(teacher, frames), predictions(made, frames)
    # Rows are computed in single precision.
    np.testing.assert_allclose(found.forces, told.forces, atol=2e-4 * np.abs(told.forces).max())
    np.testing.assert_allclose(found.energies, told.energies, atol=1e-3)
    assert fit.left_out < 1e-6
    assert fit.readout.shape == readout.shape


def test_leaving_out_a_part_is_fitting_the_others():
    rng = np.random.default_rng(1)
    parts = [(rng.normal(size=(rows, 4)), rng.normal(size=rows)) for rows in (3, 5, 2, 6)]
    gram, moment = sum(x.T @ x for x, _ in parts), sum(x.T @ y for x, y in parts)
    for ridge, loss in zip((1e-3, 2.0), left_out(parts, gram, moment, np.array([1e-3, 2.0])), strict=True):
        expected = 0.0
        for place, (x, y) in enumerate(parts):
            others = [part for k, part in enumerate(parts) if k != place]
            # A ridge is as good as rows of zeros to be explained.
            rows = np.concatenate([*(x for x, _ in others), ridge**0.5 * np.eye(4)])
            labels = np.concatenate([*(y for _, y in others), np.zeros(4)])
            expected += np.sum((x @ np.linalg.lstsq(rows, labels, rcond=None)[0] - y) ** 2)
        assert loss == pytest.approx(expected)


def test_no_other_last_layer_has_a_smaller_loss(frames):
    made, (fit,) = fit_linear(fresh(SPEC, frames), frames, RECIPE)

    def loss(readout):
        told = predictions(eqx.tree_at(lambda one: one.readout, made, readout), frames)
        off = {
            "energy": (told.energies - [frame.energy for frame in frames]) / 8,
            "forces": told.forces - np.concatenate([frame.forces for frame in frames]),
            "stress": told.stresses - [frame.stress for frame in frames],
        }
        return sum(getattr(RECIPE, kind) * np.mean(np.square(error)) for kind, error in off.items())

    least = loss(made.readout) + fit.ridge * np.sum(fit.readout**2)
    step = 0.05 * np.abs(fit.readout).max()
    for place in range(fit.readout.size):
        for sign in (1, -1):
            moved = fit.readout.copy()
            moved.flat[place] += sign * step
            assert loss(jax.numpy.asarray(moved)) + fit.ridge * np.sum(moved**2) > least


def test_the_posterior_is_as_wide_as_fits_scatter():
    rng = np.random.default_rng(2)
    true, rows = rng.normal(size=5), [rng.normal(size=(4, 5)) for _ in range(20)]
    squares = []
    for _ in range(300):
        fit = regression([(x, x @ true + 0.3 * rng.normal(size=4)) for x in rows])
        off = fit.readout[:, 0] - true
        squares.append(off @ np.linalg.solve(fit.covariance, off))
    # Chi squared with five degrees of freedom; frames left out are predicted from one frame less.
    assert np.mean(squares) == pytest.approx(5, rel=0.15)


def test_noise_asks_for_a_ridge_and_clean_data_for_none():
    rng = np.random.default_rng(3)
    true, rows = rng.normal(size=12), [rng.normal(size=(2, 12)) for _ in range(8)]
    clean = regression([(x, x @ true) for x in rows])
    noisy = regression([(x, x @ true + 10 * rng.normal(size=2)) for x in rows])
    assert clean.ridge < 1e-6 < 0.05 < noisy.ridge


def test_each_member_of_a_committee_has_its_fit(frames):
    start = fresh(SPEC.replace(members=2), frames)
    made, fits = fit_linear(start, frames, RECIPE)
    alone, (fit,) = fit_linear(start.member(1), frames, RECIPE)
    assert len(fits) == 2
    np.testing.assert_allclose(fits[1].readout, fit.readout, rtol=1e-6)
    np.testing.assert_allclose(made.members.readout[1], alone.readout, rtol=1e-6)


def test_what_the_data_do_not_tell_stays_as_it_was(frames):
    start = with_elements(fresh(SPEC, frames), ("Ge",))
    known = eqx.tree_at(lambda one: one.readout, start, start.readout.at[:, 1].set(0.7))
    made, _ = fit_linear(known, frames, RECIPE)
    np.testing.assert_allclose(made.readout[:, 1], 0.7, rtol=1e-6)
    assert not np.allclose(made.readout[:, 0], known.readout[:, 0])


def test_frames_that_no_weight_changes_are_refused():
    with pytest.raises(InputError, match="no weight of the last layer changes anything"):
        regression([(np.zeros((2, 3)), np.zeros(2))])
