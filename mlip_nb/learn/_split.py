"""Training and validation frames, told apart by a seed and alike in composition."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .frames import Labelled


def split(frames: Sequence[Labelled], *, validation: float, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Frames to train on and frames to validate on, each in their order; every group gives its share.

    `validation` is the share to validate on. The same frames, share and seed give the same split; in a group the
    number of validation frames is at most one away from its share.

    **Raises:** `InputError` for fewer than two frames, or a share outside 0 to 1.
    """
    if not 0 < validation < 1:
        raise InputError(f"validation: a share between 0 and 1 is needed (got {validation!r})")
    if len(frames) < 2:
        raise InputError(f"{len(frames)} frame cannot be split in two; give at least two")
    wanted = min(max(round(validation * len(frames)), 1), len(frames) - 1)
    chosen = set(np.argsort(_ranks([frame.group for frame in frames], seed), kind="stable")[:wanted].tolist())
    train = [frame for place, frame in enumerate(frames) if place not in chosen]
    return train, [frame for place, frame in enumerate(frames) if place in chosen]


def _ranks(groups: list[str], seed: int) -> np.ndarray:
    """Frames of each group spread evenly over 0 to 1 in random order: those below a share are a share of each."""
    random = np.random.default_rng(seed)
    ranks, groups_of = np.empty(len(groups)), np.array(groups, dtype=str)
    for group in sorted(set(groups)):
        own = np.flatnonzero(groups_of == group)
        ranks[own] = (random.permutation(len(own)) + random.random()) / len(own)
    return ranks
