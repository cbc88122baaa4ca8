"""Correlations in time: equal to their definitions, with errors that are those of repetition."""

import numpy as np
import pytest
import xarray

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.properties import (
    Coordination,
    MeanSquareDisplacement,
    VelocityAutocorrelation,
    VibrationalDensity,
    _trajectory,
)
from mlip_nb.properties._blocks import autocorrelation, squared_displacement

from .trajectories import dataset_of, walkers


def test_fourier_transforms_give_the_definitions():
    """Mean over all origins, one by one; far from the origin of the axes, too."""
    path = walkers(41, 3, seed=5).reshape(1, 41, 3, 3) + 1e4
    moved, product = squared_displacement(path, 20), autocorrelation(path - 1e4, 20)
    for lag in range(20):
        ahead, behind = path[:, lag:], path[:, : 41 - lag]
        np.testing.assert_allclose(moved[:, lag], np.square(ahead - behind).sum(-1).mean(1), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(product[:, lag], ((ahead - 1e4) * (behind - 1e4)).mean(1), rtol=1e-6, atol=1e-9)


def test_walkers_go_as_the_root_of_time_and_errors_are_those_of_repetition():
    """64 runs: their scatter at each time is what each of them says."""
    found = [
        MeanSquareDisplacement(discard=0).of(dataset_of(walkers(400, 10, seed=seed), ["Ar"] * 10)) for seed in range(64)
    ]
    curves = np.array([one["mean_square_displacement"].values[0] for one in found])
    errors = np.array([one["mean_square_displacement_error"].values[0] for one in found])
    # Lag 20 has the largest error of the mean of 64 runs, 2 %.
    np.testing.assert_allclose(curves.mean(axis=0)[1:], 0.03 * np.arange(1, 21), rtol=0.08)
    scatter = curves.std(axis=0, ddof=1)[1:] / np.sqrt(np.mean(errors**2, axis=0))[1:]
    # Each ratio has an error of 1/√(2·64), 9 %.
    assert np.abs(scatter - 1).max() < 0.4
    assert len(found[0].mlip.plot().axes) == 1


def test_the_centre_of_mass_may_be_left_out():
    drift = np.linspace(0, 50, 200)[:, None, None]
    run = dataset_of(walkers(200, 50) + drift, ["Ar"] * 50)
    own = dataset_of(walkers(200, 50), ["Ar"] * 50)
    relative = {"relative_to": "centre-of-mass", "discard": 0}
    np.testing.assert_allclose(
        MeanSquareDisplacement(**relative).of(run)["mean_square_displacement"],
        MeanSquareDisplacement(**relative).of(own)["mean_square_displacement"],
        rtol=1e-6,
    )
    assert float(MeanSquareDisplacement().of(run)["mean_square_displacement"].max()) > 5


@pytest.fixture(scope="module")
def oscillators():
    """At 5 and 9 THz, a heavier element and a lighter one, stored each 10 fs."""
    time, draws = 10 * np.arange(4000), np.random.default_rng(0)
    frequencies = np.array([5e-3] * 6 + [9e-3] * 6)[:, None]
    phases = draws.uniform(0, 2 * np.pi, size=(12, 3))
    angle = 2 * np.pi * frequencies * time[:, None, None] + phases
    return dataset_of(
        np.sin(angle), ["Ge"] * 6 + ["Si"] * 6, interval=10.0, velocities=2 * np.pi * frequencies * np.cos(angle)
    )


def test_oscillators_vibrate_at_their_frequencies(oscillators):
    found = VibrationalDensity().of(oscillators)
    density = found["vibrational_density"]
    for element, frequency in (("Ge", 5), ("Si", 9)):
        one = density.sel(element=element)
        assert float(one.integrate("spectral_frequency")) == pytest.approx(3)
        assert float(found["spectral_frequency"][np.argmax(one.values)]) == pytest.approx(frequency, abs=0.16)
    assert len(found.mlip.plot().axes) == 1


def test_velocities_of_oscillators_come_back(oscillators):
    """A cosine that does not decay; for an element of its own."""
    found = VelocityAutocorrelation(longest=1000).of(oscillators)
    law = 1.5 * (2 * np.pi * 5e-3) ** 2 * np.cos(2 * np.pi * 5e-3 * found["lag"].values)
    np.testing.assert_allclose(found["velocity_autocorrelation"].sel(element="Ge"), law, atol=0.02 * law.max())
    assert len(found.mlip.plot().axes) == 1


def test_a_store_tells_the_same_and_is_read_in_pieces(oscillators, tmp_path, monkeypatch):
    oscillators.mlip.save(tmp_path / "run.zarr")
    stored = mlip_nb.open(tmp_path / "run.zarr")
    assert stored["positions"].chunks is not None
    kinds = (MeanSquareDisplacement(relative_to="centre-of-mass"), VelocityAutocorrelation(), VibrationalDensity())
    at_once = [kind.of(oscillators) for kind in kinds]
    monkeypatch.setattr(_trajectory, "PIECE", 2**20)
    assert [part.shape[1] for part in _trajectory.Trajectory(stored).columns("positions", np.ones(12, bool))] == [
        1
    ] * 12
    for kind, before in zip(kinds, at_once, strict=True):
        for name, values in kind.of(stored).data_vars.items():
            np.testing.assert_allclose(values, before[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("analysis", [MeanSquareDisplacement(), Coordination(most_frames=200)])
def test_memory_does_not_grow_with_the_trajectory(analysis, monkeypatch):
    """Of a store of 2.4 MB nothing larger than a piece is read at once."""
    monkeypatch.setattr(_trajectory, "PIECE", 2**18)
    read, compute = [], xarray.Dataset.compute
    monkeypatch.setattr(xarray.Dataset, "compute", lambda self: read.append(self["positions"].nbytes) or compute(self))
    run = dataset_of(walkers(1000, 100), ["Ar"] * 100, cell=30 * np.eye(3)).chunk(frame=100)
    analysis.of(run)
    assert max(read) <= 2**18
    assert sum(read) >= 0.15 * run["positions"].nbytes


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        (MeanSquareDisplacement(blocks=50), "from 50 blocks needs 400 frames after --discard, there are 160"),
        (MeanSquareDisplacement(longest=100), "does not fit: a block has 16 frames, 1 fs apart"),
        (VelocityAutocorrelation(), "this Dataset has no velocities"),
        (VibrationalDensity(), "this Dataset has no velocities"),
    ],
)
def test_a_run_that_cannot_tell_is_refused(analysis, message):
    run = dataset_of(walkers(200, 4), ["Ar"] * 4)
    with pytest.raises(InputError, match=message):
        analysis.of(run)


def test_frames_at_odd_times_are_refused():
    run = dataset_of(walkers(200, 4), ["Ar"] * 4)
    uneven = run.isel(frame=np.r_[:100, 100:200:2])
    with pytest.raises(InputError, match="frames are from 1 to 2 fs apart"):
        MeanSquareDisplacement(discard=0, blocks=4).of(uneven)
