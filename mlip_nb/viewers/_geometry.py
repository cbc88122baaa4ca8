"""Where atoms are drawn, and from where they are looked at."""

import numpy as np

_TILT, _TURN = np.radians(-72.0), np.radians(22.0)


def wrapped(positions: np.ndarray, cell: np.ndarray, pbc: np.ndarray) -> np.ndarray:
    """Positions `[atoms 3]` with every atom in the cell along the periodic directions, Å."""
    positions, periodic = np.asarray(positions, float), np.asarray(pbc, bool)
    if not periodic.any():
        return positions
    from ase.geometry import complete_cell

    cell = complete_cell(np.asarray(cell, float))
    fractions = np.linalg.solve(cell.T, positions.T).T
    return positions - (np.floor(fractions + 1e-6) * periodic) @ cell


def orientation(positions: np.ndarray, pbc: np.ndarray) -> np.ndarray:
    """Where one looks from at first, `[3 3]`: rows are to the right, up, and towards the eye.

    A crystal is seen slightly from above and from the side; a molecule lies flat in the picture.
    """
    centred = np.asarray(positions, float) - np.mean(positions, axis=0)
    if np.any(pbc) or len(centred) < 3:
        return _tilted()
    axes = np.linalg.svd(centred, full_matrices=True)[2]
    return axes * np.array([[1.0], [1.0], [np.linalg.det(axes)]])


def _tilted() -> np.ndarray:
    down = [[1, 0, 0], [0, np.cos(_TILT), -np.sin(_TILT)], [0, np.sin(_TILT), np.cos(_TILT)]]
    round_z = [[np.cos(_TURN), -np.sin(_TURN), 0], [np.sin(_TURN), np.cos(_TURN), 0], [0, 0, 1]]
    return np.array(down) @ np.array(round_z)
