"""Linear fits of the last layer: exact where the teacher is linear, and honest about frames left out."""

import dataclasses

import equinox as eqx
import jax
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, Recipe, fit_linear, fresh, predictions
from mlip_nb.learn._offsets import untold_offsets
from mlip_nb.learn.linear import left_out, regression
from mlip_nb.potentials import potential
from mlip_nb.potentials._extended import with_elements
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase

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
    regular = np.multiply.outer([1e-3, 2.0], np.eye(4))
    for ridge, loss in zip((1e-3, 2.0), left_out(parts, gram, moment, regular), strict=True):
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


def cold_frames(count, seed=0):
    """Of 8 atoms in one cell, hardly displaced: energies that differ by some meV per atom."""
    teacher, rng, made = potential("stillinger-weber"), np.random.default_rng(seed), []
    for index in range(count):
        atoms = bulk("Si", cubic=True)
        atoms.rattle(0.04, rng=rng)
        told = teacher.evaluate(from_ase(atoms))
        made.append(Labelled(from_ase(atoms), float(told.energy), np.asarray(told.forces), None, index=index))
    return made


def test_cold_crystals_teach_forces_and_energies_though_no_atom_is_alone():
    """An isolated atom is far from all of them: were it the zero, energies would forbid what forces ask for."""
    training, others = cold_frames(12), cold_frames(8, seed=1)
    start = fresh(SPEC.replace(degree=2, channels=8, hidden=24), training)
    labels = np.concatenate([frame.forces for frame in others])
    found = {}
    for weight in (0.0, 100.0):
        made, (fit,) = fit_linear(start, training, Recipe(batch=64, energy=weight))
        told = predictions(made, others)
        found[weight] = np.sqrt(np.mean((told.forces - labels) ** 2))
    # So few features cannot tell all of the forces.
    assert found[100.0] < 1.2 * found[0.0] < 0.5 * np.std(labels)
    energies = np.array([frame.energy for frame in others])
    assert np.sqrt(np.mean((told.energies - energies) ** 2)) < 0.5 * np.std(energies)
    assert abs(float(fit.shift[0])) > 1e-3


def test_an_atom_alone_is_the_zero_where_there_is_one(frames):
    box = Atoms("Si", cell=[20] * 3, pbc=True)
    alone = Labelled(from_ase(box), -1.5, np.zeros((1, 3)), None, index=len(frames))
    made, (fit,) = fit_linear(fresh(SPEC, [*frames, alone]), [*frames, alone], RECIPE)
    np.testing.assert_array_equal(fit.shift, 0)
    assert float(predictions(made, [alone]).energies[0]) == pytest.approx(-1.5, abs=1e-4)


def test_elements_that_always_come_together_have_one_zero():
    """Compositions that do not differ tell one number, which is shared; those that do tell one of each element."""
    alike = [_of(symbols, -3.0) for symbols in ("GaAs", "GaAs", "Ga2As2")]
    directions = untold_offsets(alike, ("As", "Ga"))
    np.testing.assert_allclose(np.abs(directions), [[0.5**0.5]] * 2)
    assert untold_offsets([*alike, _of("Ga2As", -4.0)], ("As", "Ga", "Si")).shape == (3, 2)
    assert untold_offsets([_of("Ga", -1.0), _of("As", -1.0)], ("As", "Ga")).shape == (2, 0)


def _of(symbols, energy):
    count = len(Atoms(symbols))
    return Labelled(from_ase(Atoms(symbols, np.eye(4)[:count, :3])), energy, None, None)
