"""Means of series: errors, blocks, and where equilibrium begins."""

import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties import Averages
from mlip_nb.properties.means import equilibration

from .test_averages import autoregressive
from .trajectories import dataset_of


def run_of(temperature):
    frames = len(temperature)
    return dataset_of(np.zeros((frames, 1, 3)), ["Ar"], temperature=temperature, potential_energy=np.ones(frames))


def test_blocks_and_inefficiency_agree_where_blocks_are_long():
    """φ of e^(-1/10): an error by frames would be 4.5 times too small."""
    found = Averages(discard=0).of(run_of(300 + autoregressive(np.exp(-0.1), 2**15)))
    one = found.sel(estimator="temperature") if "estimator" in found.indexes else found.isel(estimator=0)
    assert found["estimator"].values.tolist() == ["temperature"]
    assert float(one["statistical_inefficiency"]) == pytest.approx(1 / np.tanh(1 / 20), rel=0.15)
    assert abs(float(one["estimate"]) - 300) < 4 * float(one["standard_error"])
    long = float(one["block_error"].sel(block_length=256))
    assert long / float(one["standard_error"]) == pytest.approx(1, abs=0.3)
    assert float(one["block_error"].sel(block_length=1)) < 0.3 * long
    assert len(found.mlip.plot().axes) == 1


def test_equilibration_is_found():
    """A start that is forgotten over 100 frames, ten deviations high, stands out for some 300 of them."""
    decays = autoregressive(0.5, 5000, seed=2) + 12 * np.exp(-np.arange(5000) / 100)
    assert 200 <= equilibration(decays) <= 700
    assert equilibration(autoregressive(0.5, 5000, seed=3)) <= 500
    found = Averages(names=("temperature",), equilibrate=True, discard=0).of(run_of(decays))
    assert int(found["equilibration_frames"][0]) == equilibration(decays)
    assert abs(float(found["estimate"][0])) < 4 * float(found["standard_error"][0])


def test_a_series_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="'pressure' is no series of this Dataset; there are temperature"):
        Averages(names=("pressure",)).of(run_of(np.arange(20.0)))
    with pytest.raises(InputError, match="an average needs 8 frames after --discard, there are 4"):
        Averages().of(run_of(np.arange(5.0)))
