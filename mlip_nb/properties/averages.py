"""Averages of correlated series, and how far they can be trusted."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..errors import InputError


@dataclass(frozen=True)
class Average:
    """Mean of a series, with its statistical error."""

    mean: Float[np.ndarray, "*rest"]
    error: Float[np.ndarray, "*rest"]
    """Standard error of the mean."""
    samples: Float[np.ndarray, "*rest"]
    """Independent samples that the series is worth."""

    def __str__(self) -> str:
        """Of one series: as many digits as the error has meaning, which is two."""
        digits = max(0, 1 - math.floor(math.log10(self.error))) if self.error > 0 else 4
        return f"{self.mean:.{digits}f} ± {self.error:.{digits}f}"


def average(values: Float[np.ndarray, "frame *rest"]) -> Average:
    r"""Over the first axis: the error is $\sigma \sqrt{g/N}$, and N/g samples are independent.

    **Raises:** `InputError` for fewer than two frames.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        raise InputError(f"{len(values)} frame gives no statistical error; store more frames, or discard fewer")
    samples = len(values) / inefficiency(values)
    return Average(values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(samples), samples)


def inefficiency(values: Float[np.ndarray, "frame *rest"]) -> Float[np.ndarray, "*rest"]:
    r"""Statistical inefficiency $g = 1 + 2 \sum_t \rho_t$, summed as long as sums of neighbouring pairs are positive
    and fall; 1 where nothing varies.

    ??? cite "Reference"
        C. J. Geyer, *Stat. Sci.* **7**, 473 (1992), doi:10.1214/ss/1177011137
    """
    frames = len(values)
    spectrum = np.fft.rfft(values - values.mean(axis=0), n=2 * frames, axis=0)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: frames // 2 * 2]
    varies = covariance[0] > 1e-24 * frames * np.maximum(np.mean(values**2, axis=0), 1e-300)
    correlation = covariance / np.where(varies, covariance[0], 1)
    pairs = correlation[::2] + correlation[1::2]
    positive = np.minimum.accumulate(pairs > 0, axis=0)
    falling = np.minimum.accumulate(np.where(positive, pairs, 0), axis=0)
    # A series that alternates is worth more samples than it has; no more than ten times, which noise may feign.
    return np.where(varies, np.maximum(2 * falling.sum(axis=0) - 1, 0.1), 1.0)
