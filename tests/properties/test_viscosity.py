"""Viscosity: the integral of a stress with a known memory."""

import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties import ShearViscosity

from .test_averages import autoregressive
from .trajectories import dataset_of


def test_a_stress_with_a_known_memory():
    """Exponential memory of 20 fs and 1 GPa²: V/kT times 20 GPa² fs, and what a trapezoid adds, as 100 runs scatter."""
    memory, frames = np.exp(-1 / 20), 100_000
    shear = np.sqrt(1 - memory**2) * autoregressive(memory, frames, 3, 3, seed=4)
    # Of an isotropic liquid: off the diagonal unit squares, differences of the diagonal 4.
    stress = np.where(np.eye(3, dtype=bool), np.sqrt(2) * shear, np.triu(shear, 1) + np.triu(shear, 1).swapaxes(1, 2))
    run = dataset_of(
        np.zeros((frames, 1, 3)),
        ["Ar"],
        cell=10 * np.eye(3),
        stress=stress,
        temperature=np.full(frames, 100.0),
    )
    found = ShearViscosity(discard=0, longest=300, plateau_from=100).of(run)
    law = 1e-27 / (1.380649e-23 * 100) * 1e18 * 20e-15 * 1e3 * (1 / 40 / np.tanh(1 / 40))
    assert abs(float(found["viscosity"]) - law) < 4 * float(found["viscosity_error"])
    assert float(found["viscosity_error"]) < 0.06 * law
    assert len(found.mlip.plot().axes) == 1
    with pytest.raises(InputError, match="this Dataset has no stress"):
        ShearViscosity().of(run.drop_vars("stress"))
