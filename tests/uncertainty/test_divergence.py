"""Query by committee: limits, bounds, and labels that are worth more than those taken at random."""

import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.uncertainty import gaussian_bound, jensen_shannon, queries


def test_members_that_agree_have_none_and_members_that_are_sure_of_other_classes_have_the_logarithm_of_their_number():
    draws = np.random.default_rng(0)
    same = np.broadcast_to(draws.dirichlet(np.ones(4), size=7), (5, 7, 4))
    np.testing.assert_allclose(jensen_shannon(same), 0, atol=1e-15)
    assert float(jensen_shannon(np.eye(5))) == pytest.approx(np.log(5), rel=1e-14)


def test_it_is_the_mean_divergence_from_the_mean_whatever_the_order_of_members_and_classes():
    draws = np.random.default_rng(1)
    said = draws.dirichlet(np.ones(3), size=(4, 50))
    found = np.asarray(jensen_shannon(said))
    mixture = said.mean(axis=0)
    np.testing.assert_allclose(found, np.mean(np.sum(said * np.log(said / mixture), axis=-1), axis=0), rtol=1e-12)
    np.testing.assert_allclose(jensen_shannon(said[::-1, :, ::-1]), found, rtol=1e-12)
    assert (found <= np.log(4)).all()


def test_normal_laws_are_bounded_from_above():
    """Against integrals on a grid; equal where all laws are one."""
    draws, grid = np.random.default_rng(2), np.linspace(-40, 40, 20_001)
    means, variances = draws.normal(size=(3, 20)), draws.uniform(0.2, 2, size=(3, 20))
    density = np.exp(-0.5 * (grid - means[..., None]) ** 2 / variances[..., None])
    density /= np.sqrt(2 * np.pi * variances[..., None])
    mixture = np.broadcast_to(density.mean(axis=0), density.shape)
    ratio = np.log(np.maximum(density, 1e-300) / np.maximum(mixture, 1e-300))
    exact = np.mean(np.trapezoid(density * ratio, grid, axis=-1), axis=0)
    bound = np.asarray(gaussian_bound(means, variances))
    assert (bound >= exact - 1e-12).all()
    assert (bound < 2 * exact).all()
    np.testing.assert_allclose(gaussian_bound(np.ones((4, 1)), np.full((4, 1), 0.3)), 0, atol=1e-15)
    assert float(gaussian_bound(np.array([0.0, 1e3]), np.ones(2))) == pytest.approx(np.log(2))


def test_points_of_disagreement_teach_more_than_points_at_random():
    """Where is the step of a function of one variable? Members are steps that fit what is known."""
    queried, random = (np.mean([_left(seed, by_committee) for seed in range(30)]) for by_committee in (True, False))
    assert queried < 0.2 * random


def test_what_is_no_committee_and_no_probability_is_refused():
    with pytest.raises(InputError, match="two members at least"):
        jensen_shannon(np.ones((1, 2)) / 2)
    with pytest.raises(InputError, match=r"member 1, point 0: \[0.7 0.7\] are no probabilities"):
        jensen_shannon(np.array([[[0.5, 0.5]], [[0.7, 0.7]]]))


def _left(seed: int, by_committee: bool) -> float:
    """What is left of the interval with the step, after 6 labels of 5000 points."""
    draws = np.random.default_rng(seed)
    points, step = np.sort(draws.uniform(size=5000)), draws.uniform(0.2, 0.8)
    low, high = 0.0, 1.0
    for _ in range(6):
        steps = draws.uniform(low, high, size=8)
        above = (points > steps[:, None]).astype(float)
        divergences = np.asarray(jensen_shannon(np.stack([above, 1 - above], axis=-1)))
        asked = points[queries(divergences, 1)[0] if by_committee else draws.integers(5000)]
        low, high = (low, min(high, asked)) if asked > step else (max(low, asked), high)
    return high - low
