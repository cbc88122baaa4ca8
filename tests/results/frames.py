"""Frames whose every number tells which frame it belongs to."""

import numpy as np
import xarray as xr

ATOMS = 5
CONSTANTS = {"symbol": ["Si", "O", "H", "H", "Ar"], "number": [14, 8, 1, 1, 18], "mass": [28.0, 16.0, 1.0, 1.0, 40.0]}
ATTRS = {"made_by": "md", "pbc": [True, False, True], "wall_time": 1.5, "steering": []}


def some_frames(first: int, count: int, dtype: str = "float64") -> dict[str, np.ndarray]:
    """Frames `first` to `first + count`."""
    step = np.arange(first, first + count)
    vectors = np.tile(step[:, None, None], (1, ATOMS, 3)).astype(dtype)
    return {
        "step": step,
        "time": 0.5 * step,
        "positions": vectors,
        "velocities": vectors + 0.25,
        "cell": np.tile(step[:, None, None], (1, 3, 3)) + np.eye(3),
        "potential_energy": step.astype(dtype),
    }


def assert_whole(dataset: xr.Dataset) -> None:
    """Every frame is there, in order, with its own numbers."""
    expected = some_frames(0, dataset.sizes.get("frame", 0))
    for name, values in expected.items():
        np.testing.assert_array_equal(dataset[name].values, values, err_msg=name)
