"""Correlations in time: a run is cut into blocks, each gives an estimate, and their scatter is the error."""

from typing import Annotated

import annotated_types
import numpy as np
from jaxtyping import Float
from scipy import fft

from ..errors import InputError
from ..params import Duration
from ._analysis import Analysis
from ._trajectory import Trajectory

_LEAST = 8
"""Frames of a block."""


class Blocked(Analysis):
    """Something whose error is that of independent blocks of the run: nothing is assumed about correlations between
    atoms, or between times within a block.
    """

    blocks: Annotated[int, annotated_types.Ge(2), annotated_types.Le(1000)] = 10
    """Pieces the run is cut into; each gives an estimate, and their scatter the error."""

    def cut(self, values: Float[np.ndarray, "frames *rest"]) -> Float[np.ndarray, "blocks time *rest"]:
        """Frames that fill no block are left out at the start."""
        length = len(values) // self.blocks
        return values[len(values) - length * self.blocks :].reshape(self.blocks, length, *values.shape[1:])

    def length(self, run: Trajectory, purpose: str) -> int:
        """Frames of a block.

        **Raises:** `InputError` for a run that is too short.
        """
        run.need_frames(_LEAST * self.blocks, f"{purpose} from {self.blocks} blocks")
        return run.frames // self.blocks


class Correlated(Blocked):
    """Something by the time between two frames."""

    longest: Duration | None = None
    """Longest time between two frames; half a block when not given."""

    def lags(self, run: Trajectory, purpose: str) -> int:
        """How many times between frames there are, 0 included.

        **Raises:** `InputError` for a run that is too short.
        """
        length = self.length(run, purpose)
        lags = length // 2 + 1 if self.longest is None else round(self.longest / run.interval) + 1
        if not 2 <= lags <= length:
            told = f"a block has {length} frames, {run.interval:g} fs apart"
            raise InputError(f"longest ({self.longest:g} fs) does not fit: {told}; run longer or take fewer --blocks")
        return lags


def of_blocks(estimates: Float[np.ndarray, "blocks *rest"]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of independent estimates."""
    return estimates.mean(axis=0), estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))


def of_blocks_without(
    estimates: Float[np.ndarray, "blocks numbers"], combine
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """What `combine` makes of mean numbers, and its standard error, by leaving out one block after the other.

    ??? cite "Reference"
        R. G. Miller, *Biometrika* **61**, 1 (1974), doi:10.1093/biomet/61.1.1
    """
    count, total = len(estimates), estimates.sum(axis=0)
    without = np.array([combine((total - one) / (count - 1)) for one in estimates])
    spread = np.square(without - without.mean(axis=0)).sum(axis=0)
    return combine(total / count), np.sqrt((count - 1) / count * spread)


def autocorrelation(
    values: Float[np.ndarray, "blocks time *rest"], lags: int
) -> Float[np.ndarray, "blocks lags *rest"]:
    """Mean over all origins of the product of a value and that some frames later."""
    time = values.shape[1]
    size = fft.next_fast_len(time + lags, real=True)
    spectrum = fft.rfft(values, size, axis=1)
    products = fft.irfft(spectrum * spectrum.conj(), size, axis=1)[:, :lags]
    origins = time - np.arange(lags)
    return products / origins.reshape(1, -1, *[1] * (values.ndim - 2))


def squared_displacement(
    positions: Float[np.ndarray, "blocks time atoms 3"], lags: int
) -> Float[np.ndarray, "blocks lags atoms"]:
    r"""Mean over all origins of $|r(t + \tau) - r(t)|^2$, in a time that grows as $n \log n$.

    The sum of both squares is that of all frames less the ends; the product is an autocorrelation.

    ??? cite "Reference"
        G. R. Kneller, V. Keiner, M. Kneller, M. Schiller, *Comput. Phys. Commun.* **91**, 191 (1995),
        doi:10.1016/0010-4655(95)00048-K
    """
    # The product is a small difference of large numbers where atoms are far from the origin.
    moved = positions - positions.mean(axis=1, keepdims=True)
    squares = np.square(moved).sum(axis=-1)
    sums = np.concatenate([np.zeros_like(squares[:, :1]), squares.cumsum(axis=1)], axis=1)
    time, lag = moved.shape[1], np.arange(lags)
    both = sums[:, time - lag] + sums[:, -1:] - sums[:, lag]
    found = both / (time - lag)[:, None] - 2 * autocorrelation(moved, lags).sum(axis=-1)
    found[:, 0] = 0
    return found
