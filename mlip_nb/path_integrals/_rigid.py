"""Rigid motions that cost no energy: which there are, and what they contribute to a partition function."""

import math

import numpy as np
from jaxtyping import Bool, Float

from .. import units
from ._landscape import Landscape

_SHIFT = 0.1
"""Å that atoms are moved to see whether the energy minds."""
_ROUNDINGS = 1e4
"""Rounding errors of an energy that do not count."""
_FLAT = 1e-6
"""Å² for the heaviest atom: a moment of inertia below this belongs to no rotation, as about the axis of a molecule."""
_ANGLES = {0: 1.0, 1: 2 * math.pi, 2: 4 * math.pi, 3: 8 * math.pi**2}
"""What independent rotations integrate to."""


class RigidMotions:
    """Translations along and rotations about x, y, z that leave the energy of a landscape as it is.

    They are found by trying: so a molecule has six, also in a cell that is large enough, a crystal three, and atoms
    next to others that are held none.
    """

    def __init__(self, landscape: Landscape, x: Float[np.ndarray, " coordinates"]):
        """At the structure `x`, as good as any."""
        self._roots = landscape.roots
        self._flat = _FLAT * float(landscape.masses.max())
        self.free = self._found(landscape, x)

    def directions(self, ring: Float[np.ndarray, "beads coordinates"]) -> Float[np.ndarray, "all_coordinates motions"]:
        """Orthonormal, of all beads at once."""
        motions = self._motions(ring)
        vectors, lengths, _ = np.linalg.svd(motions, full_matrices=False)
        return vectors[:, lengths**2 > self._flat * len(ring)]

    def log_partition(self, ring: Float[np.ndarray, "beads coordinates"], kT: float) -> float:
        r"""Logarithm of their part of a partition function of ring polymers, for each Å of a translation.

        The square root of the determinant of the scalar products of motions, over $2\pi\beta_P\hbar^2$ for each, and
        the angle of all rotations. One bead gives the classical partition functions.
        """
        motions = self._motions(ring)
        shifts, turns = motions[:, : sum(self.free[:3])], motions[:, sum(self.free[:3]) :]
        moments = np.linalg.eigvalsh(turns.T @ turns)
        around = moments[moments > self._flat * len(ring)]
        squares = [*np.linalg.eigvalsh(shifts.T @ shifts), *around]
        width = 2 * math.pi * units.HBAR**2 / (kT * len(ring))
        return 0.5 * float(np.sum(np.log(np.array(squares) / width))) + math.log(_ANGLES[len(around)])

    def _found(self, landscape: Landscape, x: Float[np.ndarray, " coordinates"]) -> Bool[np.ndarray, "6"]:
        before = landscape.energies(x[None])[0]
        after = landscape.energies(np.stack([_moved(x, self._roots, axis) for axis in range(6)]))
        digits = np.finfo(np.asarray(landscape.system.positions).dtype).eps
        atoms = len(landscape.system.numbers)
        found = np.abs(after - before) < _ROUNDINGS * digits * max(abs(before), atoms)
        # The beads of one atom turn about a place: where places differ, that is no symmetry.
        return found & ((np.arange(6) < 3) | found[:3].all())

    def _motions(self, ring: Float[np.ndarray, "beads coordinates"]) -> Float[np.ndarray, "all_coordinates motions"]:
        """Not normalised; rotations are about the centre of mass of everything."""
        places = ring.reshape(len(ring), -1, 3)
        roots = self._roots.reshape(-1, 3)
        center = (places * roots).sum(axis=(0, 1)) / (len(ring) * (roots**2).sum(axis=0))
        arms = places - roots * center
        shifts = [np.broadcast_to(roots * axis, arms.shape) for axis in np.eye(3)]
        turns = [np.cross(axis, arms) for axis in np.eye(3)]
        return np.stack([motion.ravel() for motion in (*shifts, *turns)], axis=1)[:, self.free]


def _moved(x: np.ndarray, roots: np.ndarray, motion: int) -> np.ndarray:
    """A little along, or about, an axis."""
    places, axis = (x / roots).reshape(-1, 3), np.eye(3)[motion % 3]
    if motion < 3:
        return ((places + _SHIFT * axis) * roots.reshape(-1, 3)).ravel()
    masses = roots.reshape(-1, 3) ** 2
    center = (places * masses).sum(axis=0) / masses.sum(axis=0)
    arms = places - center
    angle = _SHIFT / max(np.linalg.norm(np.cross(axis, arms), axis=1).max(), _SHIFT)
    along = np.outer(arms @ axis, axis)
    turned = along + math.cos(angle) * (arms - along) + math.sin(angle) * np.cross(axis, arms)
    return ((center + turned) * roots.reshape(-1, 3)).ravel()
