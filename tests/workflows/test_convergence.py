"""Several numbers of beads: what they tend to, what is kept of them, and what is refused."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning, StorageError
from mlip_nb.path_integrals import LocalPILE, harmonic_energy
from mlip_nb.simulate import Guards
from mlip_nb.workflows._convergence import bead_numbers

from ..path_integrals.rings import KT, Polynomial, frequency_of, scattered

OMEGA = frequency_of(3.0)
WELL = Polynomial((0.0, 0.0, 0.5), 3.0)
SYSTEM = scattered(64)
COORDINATES = 3 * 64


def pimd(steps: int = 4000, **changes) -> mlip_nb.PIMD:
    ensemble = LocalPILE(friction=units.from_internal(OMEGA, "1/ps"), **{"beads": 16} | changes)
    options = {"timestep": units.from_internal(0.3 / OMEGA, "fs"), "steps": steps, "guards": Guards(drift=1e4)}
    return mlip_nb.PIMD(ensemble=ensemble, **options)


def assert_limit(data, errors: float) -> None:
    """Both energies within so many errors of the quantum ones, which no point of these has."""
    exact = COORDINATES * harmonic_energy(OMEGA, KT) * np.array([0.5, 1.0])
    assert np.all(np.abs(data["bead_limit"] - exact) < errors * data["bead_limit_error"])
    assert np.all(data["bead_limit_error"] < 0.01 * exact)
    assert np.all(exact - data["bead_mean"].isel(bead_count=0) > 5 * data["bead_mean_error"].isel(bead_count=0))


@pytest.mark.physics
def test_interrupted_convergence_is_completed_and_has_the_quantum_limit(tmp_path):
    """What is done twice is done alike: the completed folder gives the numbers of one that was never interrupted."""

    def impatient(run):
        if run.workflow.ensemble.beads == 16:
            run.stop()
        run.wait()

    arguments, folder = (SYSTEM, WELL, pimd()), tmp_path / "runs"
    with pytest.warns(RunWarning, match="interrupted: 2 of 2 numbers of beads"):
        part = mlip_nb.convergence(*arguments, beads=(16, 8), save=folder, follow=impatient)
    assert np.isfinite(part["bead_mean"].sel(bead_count=8)).all()
    with pytest.raises(StorageError, match="exists already; resume=True completes"):
        mlip_nb.convergence(*arguments, beads=(8, 16), save=folder)
    with pytest.raises(InputError, match=r"beads=8.zarr was made with .*; ask for the same"):
        mlip_nb.convergence(SYSTEM, WELL, pimd(temperature=290.0), beads=(8, 16), save=folder, resume=True)
    whole = mlip_nb.convergence(*arguments, beads=(8, 16), save=folder, resume=True)
    np.testing.assert_array_equal(whole["bead_mean"].sel(bead_count=8), part["bead_mean"].sel(bead_count=8))
    np.testing.assert_array_equal(whole["bead_mean"], mlip_nb.convergence(*arguments, beads=(8, 16))["bead_mean"])
    assert_limit(whole, 4)
    assert whole["bead_mean"].dims == ("estimator", "bead_count")
    labels = [ax.get_xlabel() for ax in whole.mlip.plot().axes]
    assert labels == ["$1/P^2$"] * 2


@pytest.mark.physics
@pytest.mark.parametrize(("action", "beads", "order"), [("primitive", (8, 16, 32), 2), ("suzuki-chin", (4, 6, 8), 4)])
def test_limit_of_sampled_wells_is_the_quantum_energy(action, beads, order):
    data = mlip_nb.convergence(SYSTEM, WELL, pimd(40_000, action=action), beads=beads)
    assert data.attrs["order"] == order
    assert np.all(data["law_probability"] > 0.01)
    assert_limit(data, 3)


def test_numbers_of_beads_follow_from_those_asked_for():
    assert bead_numbers(LocalPILE(beads=32)) == (8, 16, 32)
    assert bead_numbers(LocalPILE(beads=6)) == (3, 6)
    assert bead_numbers(LocalPILE(beads=6, action="suzuki-chin")) == (2, 6)
    assert bead_numbers(LocalPILE(beads=1)) == ()


@pytest.mark.parametrize(
    ("changes", "beads", "message"),
    [
        ({}, (8,), r"two to 4 different numbers of beads \(got 8\)"),
        ({}, (8, 8), "two to 4 different numbers"),
        ({"beads": 2}, (), r"two to 4 different numbers of beads \(got 2\)"),
        ({}, (1, 8), "one bead is classical"),
        ({"temperature": "300->100"}, (4, 8), "one constant temperature; leave replicas, ladders and schedules out"),
        ({"temperature": [200.0, 300.0]}, (4, 8), "one constant temperature"),
        ({"action": "suzuki-chin"}, (4, 7), r"groups of 2 \(got 7\)"),
    ],
)
def test_what_has_no_limit_is_refused(changes, beads, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.convergence(SYSTEM, WELL, pimd(**changes), beads=beads)
