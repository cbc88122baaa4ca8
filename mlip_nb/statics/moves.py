"""Motions of a structure as a whole."""

import numpy as np
from jaxtyping import Float

from ..system import System


def rigid_motions(system: System) -> Float[np.ndarray, "motions atoms 3"]:
    """Orthonormal translations, and rotations where nothing is periodic; two of those of what lies on a line."""
    positions = np.asarray(system.positions, float)
    whole = [np.broadcast_to(axis, positions.shape) for axis in np.eye(3)]
    if not any(system.pbc):
        away = positions - positions.mean(axis=0)
        whole += [np.cross(axis, away) for axis in np.eye(3)]
    rows = np.stack(whole).reshape(len(whole), -1)
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    return directions[sizes > 1e-8 * sizes[0]].reshape(-1, *positions.shape)
