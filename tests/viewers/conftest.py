"""A trajectory without a simulation."""

import numpy as np
import pytest
import xarray as xr

from mlip_nb.results import build_dataset

FRAMES, ATOMS = 6, 4


@pytest.fixture
def data() -> xr.Dataset:
    """Six frames of four atoms in a cell that grows; periodic along x and y."""
    random = np.random.default_rng(0)
    lengths = np.linspace(4.0, 5.0, FRAMES)
    return build_dataset(
        {name: random.normal(size=(FRAMES, ATOMS, 3)) for name in ("positions", "velocities", "forces")}
        | {
            "cell": lengths[:, None, None] * np.eye(3),
            "potential_energy": random.normal(size=FRAMES),
            "symbol": ["Si", "Si", "O", "H"],
            "number": [14, 14, 8, 1],
            "mass": [28.0, 28.0, 16.0, 1.0],
            "step": 10 * np.arange(FRAMES),
            "time": 10.0 * np.arange(FRAMES),
        },
        attrs={"pbc": [True, True, False]},
    )
