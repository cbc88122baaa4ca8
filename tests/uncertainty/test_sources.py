"""Every source: the same from wherever one looks, differentiable, right where there is a closed form."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, Recipe, fit_linear, fresh, predictions
from mlip_nb.neighbors import finder
from mlip_nb.potentials import load_weights, potential, save_weights
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import (
    Calibrated,
    ForceBalls,
    Power,
    calibrate,
    force_errors,
    load_uncertainty,
    reliability,
    save_uncertainty,
    uncertainties,
)
from mlip_nb.uncertainty._features import features_by_element
from mlip_nb.uncertainty.coverage import farthest_points
from mlip_nb.uncertainty.d_optimal import largest_volume
from mlip_nb.uncertainty.hull import outside
from mlip_nb.uncertainty.last_layer import rigidity
from mlip_nb.uncertainty.mahalanobis import shrunk_covariance

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si", "Ge"), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
RECIPE = Recipe(batch=64)
SOURCES = list(uncertainties)


@pytest.fixture(scope="module")
def frames():
    """Of silicon only, so that germanium was never seen; the last two are for calibration."""
    return frames_of_silicon(12)


@pytest.fixture(scope="module")
def committee(frames):
    return fit_linear(fresh(SPEC.replace(members=3), frames[:10]), frames[:10], RECIPE)[0]


@pytest.fixture(scope="module")
def sources(committee, frames):
    """All of them, of one potential or of the committee."""
    options = {"mean-variance": {"steps": 50}, "evidential": {"steps": 50}}
    one = committee.member(0)
    return {
        name: uncertainties[name](**options.get(name, {})).fitted(
            committee if name == "committee" else one, frames[:10]
        )
        for name in SOURCES
    }


def crystal(symbols="Si", seed=0):
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.15, seed=seed)
    atoms.symbols[0] = symbols
    return from_ase(atoms)


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_the_same_from_wherever_one_looks(sources, name):
    system, source = crystal(), sources[name]
    whole = np.asarray(source.assess(system).atoms)
    assert (whole >= 0).all()
    assert name == "hull" or whole.max() > 0
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    order = np.random.default_rng(2).permutation(8)
    other = eqx.tree_at(
        lambda s: (s.positions, s.cell),
        system,
        (jnp.asarray(system.positions[order] @ turn.T + 0.3), jnp.asarray(system.cell @ turn.T)),
    )
    np.testing.assert_allclose(source.assess(other).atoms, whole[order], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", SOURCES)
def test_one_system_and_a_batch_of_frames_are_told_the_same(sources, frames, name):
    together = sources[name].of_frames(frames[9:])
    for frame, values in zip(frames[9:], together, strict=True):
        np.testing.assert_allclose(sources[name].assess(frame.system).atoms, values, rtol=1e-6, atol=1e-6)


QUICK = {"committee", "last-layer", "mahalanobis"}
"""Whose slopes are looked at every time."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.physics) for name in SOURCES if name != "hull"],
)
def test_its_slope_by_positions_is_that_of_differences(sources, name):
    system, source = crystal(), sources[name]
    table = finder(source.potential.cutoff, 0.3).allocate(system)

    @jax.jit
    def total(positions):
        return source.assess(eqx.tree_at(lambda s: s.positions, system, positions), table).atoms.sum()

    along = jnp.asarray(np.random.default_rng(3).normal(size=(8, 3)))
    _, slope = jax.jvp(total, (system.positions,), (along,))
    backward = jnp.sum(jax.jit(jax.grad(total))(system.positions) * along)
    step = 1e-5
    between = (total(system.positions + step * along) - total(system.positions - step * along)) / (2 * step)
    assert float(slope) == pytest.approx(float(between), rel=1e-5)
    assert float(backward) == pytest.approx(float(slope), rel=1e-9)


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_gives_it_back(sources, frames, name, tmp_path):
    calibrated = Calibrated(sources[name], Power(jnp.asarray(0.3), jnp.asarray(0.7)), ForceBalls(2.5, 0.01, 0.9, 40))
    for kept in (sources[name], calibrated):
        back = load_uncertainty(save_uncertainty(kept, tmp_path / "unc.safetensors", overwrite=True))
        # The same form with the same numbers is the same function; numbers are kept in the precision of the potential.
        assert jax.tree.structure(back) == jax.tree.structure(kept)
        for expected, found in zip(jax.tree.leaves(kept), jax.tree.leaves(back), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert back.balls == calibrated.balls
    with pytest.raises(InputError, match="has a tensor that is not of its specification"):
        load_weights(tmp_path / "unc.safetensors")
    with pytest.raises(InputError, match="holds a potential without an uncertainty"):
        load_uncertainty(save_weights(sources[name].potential, tmp_path / "potential.safetensors"))


@pytest.mark.parametrize("name", ["mahalanobis", "coverage", "d-optimal", "hull"])
def test_an_element_that_was_never_seen_is_infinitely_far(sources, name):
    values = np.asarray(sources[name].assess(crystal("Ge")).atoms)
    assert np.isinf(values[0])
    assert np.isfinite(values[1:]).all()


def test_an_element_of_two_atoms_has_no_chart(committee, frames):
    few = [Labelled(crystal("Ge", seed), None, None, None) for seed in range(2)]
    with pytest.raises(InputError, match="atoms of Ge in the frames: 2, and T² needs 3 at least; give more frames"):
        uncertainties["t-squared"]().fitted(committee.member(0), [*frames[:10], *few])


@pytest.mark.physics
def test_members_that_are_the_same_agree(committee, frames):
    same = Committee.of([committee.member(0)] * 3, committee.spec)
    source, system = uncertainties["committee"]().fitted(same), crystal()
    table = finder(source.potential.cutoff, 0.3).allocate(system)

    def total(positions):
        return source.assess(eqx.tree_at(lambda s: s.positions, system, positions), table).atoms.sum()

    assert float(source.assess(system).frame) == 0
    assert np.isfinite(jax.grad(total)(system.positions)).all()
    with pytest.raises(InputError, match="members of a committee are the same"):
        calibrate(source, frames)


def test_a_spread_is_that_of_the_forces_of_its_members(sources, committee, frames):
    told = np.stack([predictions(committee.member(k), frames).forces for k in range(3)])
    expected = np.sqrt(np.mean(np.var(told, axis=0, ddof=1), axis=1))
    np.testing.assert_allclose(np.concatenate(sources["committee"].of_frames(frames)), expected, rtol=1e-8)


def test_last_layer_forces_have_the_variance_of_their_weights(sources, frames):
    """Forces are linear in the weights: what each column of the root of the covariance adds, squared and summed."""
    source = sources["last-layer"]
    one, expected = source.potential, 0.0
    before = predictions(one, frames[:2]).forces
    for row in np.asarray(source.whitening):
        moved = eqx.tree_at(lambda g: g.readout, one, one.readout + row.reshape(one.readout.shape))
        expected += np.mean((predictions(moved, frames[:2]).forces - before) ** 2, axis=1)
    np.testing.assert_allclose(np.concatenate(source.of_frames(frames[:2])) ** 2, expected, rtol=1e-6)


def test_rigidity_is_the_posterior_variance_of_bayesian_regression():
    """The other form of the same, with the kernel of the data instead of that of the weights."""
    draws = np.random.default_rng(4)
    data, rows, noise, prior = draws.normal(size=(40, 6)), draws.normal(size=(20, 6)), 0.3, 1.7
    kernel = prior**2 * data @ data.T + noise**2 * np.eye(40)
    across = prior**2 * rows @ data.T
    expected = prior**2 * np.sum(rows**2, axis=1) - np.einsum("ij,ji->i", across, np.linalg.solve(kernel, across.T))
    np.testing.assert_allclose(rigidity(rows, data, noise=noise, prior=prior), expected, rtol=0, atol=1e-10)


def test_no_training_row_extrapolates(sources, frames):
    assert max(one.max() for one in sources["d-optimal"].of_frames(frames[:10])) <= 1 + 1e-6
    rows = np.random.default_rng(5).normal(size=(300, 7))
    chosen = largest_volume(rows)
    weights = rows @ np.linalg.inv(rows[chosen])
    assert np.abs(weights).max() <= 1 + 1e-8
    # No exchange of one row makes the volume larger.
    volume = abs(np.linalg.det(rows[chosen]))
    for column in range(7):
        for row in range(0, 300, 29):
            swapped = chosen.copy()
            swapped[column] = row
            assert abs(np.linalg.det(rows[swapped])) <= volume * (1 + 1e-8)


def test_distances_are_those_of_the_whitened_features(sources, committee, frames):
    """Their mean square is 1 for the covariance of the data, and as much less as that is widened."""
    values = np.concatenate(sources["mahalanobis"].of_frames(frames[:10]))
    rows = features_by_element(committee.member(0), frames[:10])[0]
    away = rows - rows.mean(axis=0)
    covariance, share = shrunk_covariance(rows)
    assert 0 < share < 1
    expected = np.einsum("ij,ji->i", away, np.linalg.solve(covariance, away.T)) / away.shape[1]
    np.testing.assert_allclose(values**2, expected, rtol=1e-6)
    assert np.mean(np.einsum("ij,ji->i", away, np.linalg.solve(away.T @ away / len(away), away.T))) == pytest.approx(
        away.shape[1]
    )


def test_shrinkage_goes_where_it_should():
    """Nothing of it for many points of unlike variances, all of it for points of equal ones; never singular."""
    draws = np.random.default_rng(6)
    scales = np.array([1.0, 3.0, 10.0, 0.1])
    covariance, share = shrunk_covariance(draws.normal(size=(200_000, 4)) * scales)
    assert share < 1e-3
    np.testing.assert_allclose(np.diag(covariance), scales**2, rtol=0.05, atol=0.02)
    assert shrunk_covariance(draws.normal(size=(200, 4)))[1] > 0.5
    assert np.linalg.cond(shrunk_covariance(draws.normal(size=(3, 10)))[0]) < 1e6


def test_references_are_at_no_distance(committee, frames):
    source = uncertainties["coverage"](references=10_000).fitted(committee.member(0), frames[:10])
    assert max(one.max() for one in source.of_frames(frames[:10])) < 1e-7
    assert min(one.max() for one in source.of_frames(frames[10:])) > 1e-3


def test_functions_of_the_kernel_change_no_more_than_the_gap_allows():
    """|f(x) - f(x')| <= ||f|| d(x, x'), never violated in 10 000 pairs."""
    draws = np.random.default_rng(7)
    unit = lambda rows: rows / np.linalg.norm(rows, axis=1, keepdims=True)  # noqa: E731
    centres, points = unit(draws.normal(size=(30, 5))), unit(draws.normal(size=(20_000, 5)))
    weights = draws.normal(size=30)
    norm = np.sqrt(weights @ (centres @ centres.T) ** 2 @ weights)
    values = (points @ centres.T) ** 2 @ weights
    one, other = points[::2], points[1::2]
    gap = np.sqrt(2 - 2 * np.sum(one * other, axis=1) ** 2)
    assert (np.abs(values[::2] - values[1::2]) <= norm * gap + 1e-12).all()


def test_farthest_points_cover_better_than_chance():
    draws = np.random.default_rng(8)
    rows = np.concatenate([draws.normal(size=(900, 2)), 8 + draws.normal(size=(20, 2))])

    def largest_gap(chosen):
        return np.sqrt(((rows[:, None] - rows[chosen]) ** 2).sum(-1)).min(axis=1).max()

    by_chance = [largest_gap(draws.choice(len(rows), 30, replace=False)) for _ in range(20)]
    assert largest_gap(farthest_points(rows, 30)) < 0.5 * np.median(by_chance)
    assert len(farthest_points(np.ones((5, 2)), 3)) == 1


def test_the_way_out_of_a_square_is_found():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    for point, distance in (([0.5, 0.5], 0), ([1, 0.5], 0), ([1.25, 0.5], 0.25), ([2, 3], 3), ([-1, 0.2], 1)):
        assert outside(np.array(point), square) == pytest.approx(distance, abs=1e-9)


@pytest.mark.parametrize("name", ["mean-variance", "evidential"])
def test_a_head_learns_where_errors_are_large(committee, name):
    """Errors of a known standard deviation, that one of the features tells."""
    from mlip_nb.uncertainty.heads import _trained

    draws = np.random.default_rng(9)
    told = draws.uniform(-1, 1, size=(5, 2000))
    true = np.exp(told[0])
    kind = uncertainties[name].kind
    network = eqx.nn.MLP(5, kind.parameters, 32, 2, jax.nn.silu, key=jax.random.key(0))
    head = kind(committee.member(0), network, jnp.zeros(5), jnp.ones(5), jnp.asarray(1.0))
    made = _trained(head, jnp.asarray(told), jnp.asarray(true * draws.normal(size=(3, 2000))), 500)
    sigma = np.sqrt(np.asarray(made.variance(made._outputs(jnp.asarray(told)))))
    if name == "mean-variance":
        np.testing.assert_allclose(np.median(sigma / true), 1, atol=0.1)
    assert np.corrcoef(np.log(sigma), told[0])[0, 1] > 0.8


def test_calibrated_uncertainties_describe_the_errors_they_were_fitted_to(sources, frames):
    for name in ("committee", "last-layer", "mahalanobis"):
        layer = calibrate(sources[name], frames[10:], "power")
        found = reliability(*force_errors(layer, frames[10:]))
        assert found.variance_ratio == pytest.approx(1, abs=0.35)
        assert layer.balls is None


def test_what_a_source_cannot_do_is_said(committee, frames):
    cheap = potential("stillinger-weber")
    with pytest.raises(InputError, match="single potential; train a committee"):
        uncertainties["committee"]().fitted(cheap)
    with pytest.raises(InputError, match="'coverage'"):
        uncertainties["mahalanobis"]().fitted(cheap, frames)
    with pytest.raises(InputError, match="give them"):
        uncertainties["d-optimal"]().fitted(committee.member(0))
    silent = [dataclasses.replace(frame, forces=None) for frame in frames]
    source = uncertainties["committee"]().fitted(committee)
    with pytest.raises(InputError, match="no frame has forces"):
        calibrate(source, silent)
