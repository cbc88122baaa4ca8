"""Averages of correlated series: their errors are right."""

import numpy as np
import pytest
from scipy.signal import lfilter

from mlip_nb.errors import InputError
from mlip_nb.properties import average
from mlip_nb.properties.averages import inefficiency


def autoregressive(memory: float, *shape: int, seed: int = 0) -> np.ndarray:
    """x' = memory x + noise."""
    return lfilter([1.0], [1.0, -memory], np.random.default_rng(seed).normal(size=shape), axis=0)


def test_inefficiency_of_a_decaying_correlation():
    """(1 + φ)/(1 - φ) for ρ = φ^t: coth(1/20) for φ = e^(-1/10)."""
    found = inefficiency(autoregressive(np.exp(-0.1), 100_000, 8)).mean()
    assert found == pytest.approx(1 / np.tanh(1 / 20), rel=0.05)


def test_errors_are_those_of_repetition():
    """400 short series: their means scatter as each one says, and uncorrelated ones as the root of their number."""
    for memory in (0.0, 0.9):
        found = average(autoregressive(memory, 2000, 400, seed=1))
        assert found.mean.std(ddof=1) == pytest.approx(np.sqrt(np.mean(found.error**2)), rel=0.12)


def test_alternating_series_is_worth_more():
    assert average(autoregressive(-0.5, 20_000)).samples == pytest.approx(3 * 20_000, rel=0.1)


def test_what_never_varies_has_no_error():
    found = average(np.full(10, 3.0))
    assert (found.mean, found.error, found.samples) == (3.0, 0.0, 10.0)


def test_a_single_frame_is_refused():
    with pytest.raises(InputError, match="1 frame gives no statistical error"):
        average(np.ones(1))
