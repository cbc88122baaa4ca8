"""The split is repeatable, complete and fair to every group."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, split


def of_groups(groups):
    return [Labelled(None, 0.0, None, None, group, index) for index, group in enumerate(groups)]


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=60), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_every_frame_is_in_one_half_and_every_group_gives_its_share(groups, validation, seed):
    frames = of_groups(groups)
    train, held = split(frames, validation=validation, seed=seed)
    assert train
    assert held
    assert sorted(frame.index for frame in train + held) == list(range(len(frames)))
    assert len(held) == np.clip(round(validation * len(frames)), 1, len(frames) - 1)
    total, chosen = Counter(groups), Counter(frame.group for frame in held)
    share = len(held) / len(frames)
    assert all(abs(chosen[group] - share * total[group]) < 2 for group in total)


def test_a_seed_repeats_and_another_differs():
    frames = of_groups("a" * 50)
    first, again, other = (split(frames, validation=0.2, seed=seed)[1] for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize(("count", "validation"), [(1, 0.5), (10, 0.0), (10, 1.0), (10, -1)])
def test_what_cannot_be_split_is_refused(count, validation):
    with pytest.raises(InputError):
        split(of_groups("a" * count), validation=validation, seed=0)
