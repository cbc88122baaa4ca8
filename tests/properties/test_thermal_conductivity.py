"""Thermal conductivity: the integral of a flux with a known memory, and the way from a run to it."""

import ase.build
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.properties import ThermalConductivity

from .test_averages import autoregressive
from .trajectories import dataset_of


def test_a_flux_with_a_known_memory():
    """Exponential memory of 20 fs and 1 (eV Å/fs)²: 20 fs over V k T², and what a trapezoid adds."""
    memory, frames = np.exp(-1 / 20), 100_000
    flux = np.sqrt(1 - memory**2) * autoregressive(memory, frames, 3, seed=4)
    run = dataset_of(
        np.zeros((frames, 1, 3)), ["Ar"], cell=10 * np.eye(3), heat_flux=flux, temperature=np.full(frames, 100.0)
    )
    found = ThermalConductivity(discard=0, longest=300, plateau_from=100).of(run)
    squared = (1.602176634e-19 * 1e-10 / 1e-15) ** 2
    law = squared * 20e-15 / (1e-27 * 1.380649e-23 * 100**2) * (1 / 40 / np.tanh(1 / 40))
    error = float(found["thermal_conductivity_error"])
    assert abs(float(found["thermal_conductivity"]) - law) < 4 * error
    assert error < 0.08 * law
    assert float(found["heat_flux_autocorrelation"][0]) == pytest.approx(1, abs=0.05)
    assert len(found.mlip.plot().axes) == 2
    with pytest.raises(InputError, match="this Dataset has no heat_flux"):
        ThermalConductivity().of(run.drop_vars("heat_flux"))


@pytest.fixture(scope="module")
def run():
    """Argon that vibrates."""
    md = mlip_nb.MD(ensemble=mlip_nb.NVE(temperature=30), steps=400, every=5, timestep=4)
    return md.run(mlip_nb.load("Ar"), mlip_nb.potential("lennard-jones"))


@pytest.mark.physics
def test_a_run_tells_its_flux(run):
    """The mean of a crystal that stays where it is vanishes."""
    found = mlip_nb.with_heat_flux(run, run.mlip.potential())
    flux = found["heat_flux"].values[20:]
    error = flux.std(axis=0) / np.sqrt(len(flux))
    assert (np.abs(flux.mean(axis=0)) < 5 * error).all()
    assert (flux.std(axis=0) > 0).all()


def test_runs_that_tell_none():
    atoms = ase.build.bulk("Ar", cubic=True)
    still = np.stack([atoms.positions] * 3)
    potential = mlip_nb.potential("lennard-jones")
    run = dataset_of(still, ["Ar"] * 4, cell=atoms.cell.array, number=np.full(4, 18), velocities=0 * still)
    with pytest.raises(InputError, match="this Dataset has no velocities"):
        mlip_nb.with_heat_flux(run.drop_vars("velocities"), potential)
    with pytest.raises(InputError, match="lennard-jones is not what moved the atoms"):
        mlip_nb.with_heat_flux(run.assign_attrs(potential_fingerprint="another one"), potential)
    assert not mlip_nb.with_heat_flux(run, potential)["heat_flux"].values.any()
