"""Old data among new ones, so that training on these does not make a potential forget."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .frames import Labelled


def replayed(new: Sequence[Labelled], old: Sequence[Labelled], *, share: float, seed: int) -> list[Labelled]:
    """All new frames and, after them, so many old ones, drawn by `seed`, that these are `share` of the whole.

    All old ones where there are too few. They count on: frame `len(new) + k` is the k-th of the old ones that were
    drawn.

    ??? cite "Reference"
        D. Rolnick et al., *NeurIPS* **32** (2019), arXiv:1811.11682
    """
    count = min(len(old), round(len(new) * share / (1 - share)))
    chosen = np.sort(np.random.default_rng(seed).permutation(len(old))[:count])
    return [*new, *(replace(old[place], index=len(new) + k) for k, place in enumerate(chosen))]
