"""Selectors and farthest points, by arithmetic."""

import itertools

import numpy as np
import pytest

from mlip_nb.learn.selectors import Pool, farthest_first, novel, selectors

RANDOM = np.random.default_rng(0)
POOL = Pool(RANDOM.uniform(0.1, 2.0, 9), RANDOM.normal(size=(9, 4)), RANDOM.normal(size=(2, 4)))


def volume(places) -> float:
    """ln det of what would be known, as `log-det` measures it."""
    both = np.concatenate([POOL.known, POOL.rows])
    centred = both - both.mean(axis=0)
    ridge = selectors["log-det"]().ridge * np.mean(centred**2)
    rows = np.concatenate([centred[:2], centred[2:][list(places)]])
    return np.linalg.slogdet(ridge * np.eye(4) + rows.T @ rows)[1]


def test_each_structure_adds_the_largest_volume():
    chosen = selectors["log-det"]().choose(POOL, 4, seed=0).tolist()
    for count in range(4):
        others = [place for place in range(9) if place not in chosen[:count]]
        best = max(others, key=lambda place: volume([*chosen[:count], place]))
        assert chosen[count] == best


def test_greed_reaches_its_share_of_the_best_volume():
    """1 - 1/e of the largest gain, by Nemhauser, Wolsey and Fisher."""
    greedy = volume(selectors["log-det"]().choose(POOL, 3, seed=0)) - volume([])
    best = max(volume(places) for places in itertools.combinations(range(9), 3)) - volume([])
    assert (1 - 1 / np.e) * best <= greedy <= best + 1e-12


def test_a_copy_of_what_is_known_is_worth_least():
    rows = np.concatenate([POOL.known[:1], POOL.rows[:3]])
    chosen = selectors["log-det"](ridge=1e-8).choose(Pool(np.ones(4), rows, POOL.known), 3, seed=0)
    assert 0 not in chosen


def test_farthest_points_cover_within_twice_the_best_radius():
    """Gonzalez's bound."""

    def radius(places):
        apart = np.linalg.norm(POOL.rows[:, None] - POOL.rows[None, list(places)], axis=2)
        return apart.min(axis=1).max()

    chosen, distances = farthest_first(POOL.rows, np.empty((0, 4)), 3)
    best = min(radius(places) for places in itertools.combinations(range(9), 3))
    assert best <= radius(chosen) <= 2 * best
    assert (np.diff(distances[1:]) <= 0).all()


def test_what_is_kept_is_new():
    rows = np.concatenate([POOL.rows, POOL.rows + 1e-9, POOL.known])
    kept = novel(rows, POOL.known, least=1e-6, most=100)
    assert len(kept) == 9
    assert sorted(kept % 9) == list(range(9))
    assert len(novel(rows, POOL.known, least=1e-6, most=4)) == 4
    assert not len(novel(POOL.known, POOL.known, least=0.0, most=4))


def test_rules_that_look_at_uncertainties_alone():
    most = selectors["most-uncertain"]().choose(POOL, 3, seed=0)
    assert (POOL.uncertainties[most] >= np.sort(POOL.uncertainties)[-3]).all()
    nearest = selectors["target"](error=0.5).choose(POOL, 1, seed=0)[0]
    assert nearest == np.argmin(np.abs(np.log(POOL.uncertainties / 0.5)))


@pytest.mark.parametrize("name", list(selectors))
def test_every_selector_gives_so_many_different_ones(name):
    selector = selectors[name]()
    for count in (1, 4, 9, 20):
        chosen = selector.choose(POOL, count, seed=3)
        assert len(set(chosen.tolist())) == len(chosen) == min(count, 9)
        np.testing.assert_array_equal(chosen, selector.choose(POOL, count, seed=3))


def test_chance_is_fair():
    """Each of nine is the first as often, within five standard errors."""
    draws = [selectors["random"]().choose(POOL, 1, seed=seed)[0] for seed in range(900)]
    counts = np.bincount(draws, minlength=9)
    assert np.abs(counts - 100).max() < 5 * np.sqrt(100 * 8 / 9)
