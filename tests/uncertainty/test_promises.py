"""What is promised with a probability holds with that probability."""

import numpy as np
import pytest
from scipy.stats import betabinom, norm, t

from mlip_nb.errors import InputError
from mlip_nb.uncertainty import (
    adapted,
    aleatoric,
    conformal_quantile,
    epistemic,
    evidential_loss,
    fitted_limit,
    force_balls,
    known_limit,
    thinned,
)
from mlip_nb.uncertainty.t_squared import control_axes


def test_coverage_has_the_law_of_beta():
    """n = 1000, 90 %: exact coverage of a normal law has the law Beta(901, 100), mean .90010, spread .00944."""
    draws = np.random.default_rng(1)
    found = np.array([norm.cdf(q) for q in (conformal_quantile(draws.normal(size=1000), 0.9) for _ in range(2000))])
    mean, spread = 901 / 1001, np.sqrt(901 * 100 / (1001**2 * 1002))
    assert found.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(2000))
    assert found.std() == pytest.approx(spread, rel=4 / np.sqrt(4000))


def test_all_forces_of_a_frame_are_inside_with_the_promised_probability():
    """Errors that belong together within a frame, heavy tails, uncertainties that are wrong: it holds all the same."""
    draws = np.random.default_rng(2)

    def frames(count):
        sigma = draws.uniform(0.5, 2, size=(count, 8))
        together = np.exp(draws.normal(size=(count, 1, 1)))
        return sigma, together * sigma[..., None] ** 2 * draws.standard_t(3, size=(count, 8, 3))

    balls = force_balls(*frames(199), coverage=0.9)
    assert balls.frames == 199
    sigma, errors = frames(2000)
    inside = np.all(np.linalg.norm(errors, axis=2) <= balls.radii(sigma), axis=1)
    assert 1e-4 < betabinom(2000, 180, 20).cdf(inside.sum()) < 1 - 1e-4


def test_too_few_frames_promise_nothing():
    assert conformal_quantile(np.arange(9.0), 0.9) == 8.0
    with pytest.raises(InputError, match="8 frames cannot promise a coverage of 0.9; give 9 at least"):
        conformal_quantile(np.arange(8.0), 0.9)


def test_adapted_balls_keep_their_promise_under_a_jump_of_the_variance():
    """Four times the variance at half time; the bound is exact, for any scores."""
    draws = np.random.default_rng(3)
    steps, rate, missed = 4000, 0.05, 0.1
    scores = np.abs(draws.normal(size=steps)) * np.where(np.arange(steps) < steps // 2, 1, 2)
    past = np.abs(draws.normal(size=500))
    outside = np.array([not inside for _, inside in adapted(scores, past, coverage=0.9, rate=rate)])
    assert abs(outside.mean() - missed) <= (0.9 + rate) / (rate * steps)
    fixed = np.mean(scores > conformal_quantile(past, 0.9))
    assert fixed > 0.2


def test_frames_of_a_trajectory_are_thinned_until_they_are_independent():
    """An autoregressive series of correlation time 10 has the inefficiency coth(1/20) = 20."""
    draws, phi = np.random.default_rng(4), np.exp(-0.1)
    series = np.zeros(20_000)
    for place, kick in enumerate(draws.normal(size=len(series) - 1), start=1):
        series[place] = phi * series[place - 1] + kick
    assert len(series) / len(thinned(series)) == pytest.approx(20, rel=0.2)
    assert len(thinned(draws.normal(size=500))) >= 250


@pytest.mark.parametrize("kind", ["known", "fitted"])
def test_false_alarms_are_as_rare_as_they_should_be(kind):
    """0.1 % of 100 000 points with known covariance; of one fitted to 60 points it takes the wider limit of F."""
    draws = np.random.default_rng(5)
    shape = draws.normal(size=(4, 4))
    if kind == "known":
        points = draws.normal(size=(100_000, 4)) @ shape.T + 3
        limit = known_limit(np.full(4, 3.0), shape @ shape.T, 1e-3)
        alarms = limit.statistic(points) > limit.limit
        assert alarms.mean() == pytest.approx(1e-3, abs=5e-4)
        return
    rates = []
    for _ in range(400):
        limit = fitted_limit(draws.normal(size=(60, 4)) @ shape.T, 0.01)
        rates.append(np.mean(limit.statistic(draws.normal(size=(500, 4)) @ shape.T) > limit.limit))
    assert np.mean(rates) == pytest.approx(0.01, abs=4 * np.std(rates) / 20)
    assert limit.limit > known_limit(np.zeros(4), np.eye(4), 0.01).limit


def test_features_that_say_nothing_are_refused():
    points = np.random.default_rng(6).normal(size=(50, 2))
    with pytest.raises(InputError, match="does not vary"):
        fitted_limit(np.column_stack([points, np.ones(50)]))
    with pytest.raises(InputError, match="3 points are too few for 2 features; give 4"):
        fitted_limit(points[:3])


def test_the_evidential_likelihood_is_that_of_student():
    draws = np.random.default_rng(8)
    error, evidence, alpha, beta = draws.normal(size=200), *np.exp(draws.normal(size=(3, 200)))
    scale = np.sqrt(beta * (1 + evidence) / (evidence * alpha))
    exact = -t.logpdf(error, 2 * alpha, scale=scale)
    np.testing.assert_allclose(evidential_loss(error, evidence, alpha, beta), exact, rtol=0, atol=1e-10)


def test_evidential_variances_add_up_to_that_of_student():
    evidence, alpha, beta = np.array([0.7]), np.array([2.5]), np.array([1.3])
    scale = np.sqrt(beta * (1 + evidence) / (evidence * alpha))
    total = aleatoric(alpha, beta) + epistemic(evidence, alpha, beta)
    np.testing.assert_allclose(total, t.var(2 * alpha, scale=scale), rtol=1e-12)


def test_a_control_chart_of_features_has_the_false_alarms_that_it_was_asked_for():
    """Correlated normal features, limits fitted anew to 30 points each time: 1 % of new ones are above 1."""
    draws, rate = np.random.default_rng(8), 0.01
    mixing = draws.normal(size=(4, 4))
    above = []
    for _ in range(400):
        known, new = draws.normal(size=(30, 4)) @ mixing, draws.normal(size=(250, 4)) @ mixing
        axes = control_axes(known, 4, rate)
        above.append(np.mean(np.sum(((new - known.mean(axis=0)) @ axes.T) ** 2, axis=1) > 1))
    assert np.mean(above) == pytest.approx(rate, abs=5 * np.std(above) / np.sqrt(len(above)))


def test_few_atoms_are_charted_along_as_many_axes_as_they_tell():
    rows = np.random.default_rng(9).normal(size=(5, 8))
    assert len(control_axes(rows, 8, 0.01)) == 3
    assert len(control_axes(rows[:3], 8, 0.01)) == 1


def test_mapie_has_the_same_radii():
    """An independent implementation of split conformal prediction, on scores |y| of a prediction of zero."""
    regression = pytest.importorskip("mapie.regression", reason="MAPIE is not installed (extra: dev)")
    from sklearn.dummy import DummyRegressor

    scores = np.abs(np.random.default_rng(9).standard_t(3, size=99))
    zero = DummyRegressor(strategy="constant", constant=0.0).fit(np.zeros((1, 1)), np.zeros(1))
    for coverage in (0.5, 0.8, 0.9, 0.95):
        theirs = regression.SplitConformalRegressor(zero, confidence_level=coverage, prefit=True)
        theirs.conformalize(np.zeros((len(scores), 1)), scores)
        _, interval = theirs.predict_interval(np.zeros((1, 1)))
        assert float(interval[0, 1, 0]) == pytest.approx(conformal_quantile(scores, coverage), rel=1e-12)
