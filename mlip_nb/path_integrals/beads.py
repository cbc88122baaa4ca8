"""How many beads are needed, and how far they spread."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError
from ..potentials import AbstractPotential
from ..system import System
from .actions import ACTIONS
from .harmonic import expected_error
from .vibrations import relaxed

_TOLERANCE = 0.01
"""Part of the energy of the stiffest vibration that may be missing."""
_MOST = 1024
_FORCE, _STEPS = 0.01, 500
"""eV/Å at which a structure is relaxed, and steps after which it does not matter."""
_DISPLACEMENT = 1e-3
"""Å, of a vector of all atoms along which forces are differentiated."""
_INSTANTS = 1e6
"""Of a run in which no bead is to be farther away than was expected."""


@dataclass(frozen=True)
class BeadChoice:
    """A number of beads, and what is expected of it."""

    beads: int
    frequency: float
    """Angular, internal units, of the stiffest vibration."""
    kT: float
    """eV."""
    action: str = "primitive"

    def __str__(self) -> str:
        terahertz = units.from_internal(self.frequency, "THz") / (2 * np.pi)
        error = expected_error(self.frequency, self.kT, self.beads, self.action)
        return (
            f"{self.beads} beads: the stiffest vibration ({terahertz:.1f} THz, "
            f"{units.HBAR * self.frequency / self.kT:.1f} kT) then has {error:+.2%} of its energy by discretisation"
        )


def beads_needed(frequency: float, kT: float, action: str = "primitive") -> BeadChoice:
    """The smallest power of two that leaves the stiffest vibration within one per cent of its energy.

    **Raises:** `InputError` where that is more than anybody has.
    """
    beads = ACTIONS[action].period
    while abs(expected_error(frequency, kT, beads, action)) > _TOLERANCE:
        if (beads := 2 * beads) > _MOST:
            kelvin = units.from_internal(kT, "K")
            raise InputError(f"more than {_MOST} beads would be needed at {kelvin:g} K; give a number of beads")
    return BeadChoice(beads, frequency, kT, action)


def stiffest_vibration(system: System, potential: AbstractPotential) -> float:
    """Highest angular frequency of the relaxed structure, internal units.

    By Lanczos' method with differences of forces, which every potential has.
    """
    from scipy.sparse.linalg import LinearOperator, eigsh

    atoms, _ = relaxed(system, potential, force=_FORCE, steps=_STEPS)
    sites, mobile = atoms.positions.copy(), np.ones(len(atoms), bool) if system.mobile is None else system.mobile
    weights = np.repeat(np.where(mobile, 1, 0) / np.sqrt(np.asarray(system.masses, float)), 3)

    def forces(displacement: np.ndarray) -> np.ndarray:
        atoms.positions = sites + displacement.reshape(-1, 3)
        return atoms.get_forces(apply_constraint=False).ravel()

    def stiffness(vector: np.ndarray) -> np.ndarray:
        along = weights * vector.ravel()
        step = along * (_DISPLACEMENT / max(np.abs(along).max(), 1e-30))
        scale = np.abs(along).max() / _DISPLACEMENT
        return weights * (forces(-step) - forces(step)) / 2 * scale

    size = 3 * len(atoms)
    operator = LinearOperator((size, size), matvec=stiffness, dtype=float)
    start = np.random.default_rng(0).normal(size=size)
    highest = eigsh(operator, k=1, which="LA", tol=1e-3, v0=start, return_eigenvectors=False) if size > 3 else [0.0]
    return float(np.sqrt(max(highest[0], 0.0)))


def largest_spread(masses: Float[np.ndarray, " atoms"], kT: float, beads: int) -> float:
    r"""How far from its centroid a bead is at most in a long run, Å, where nothing but springs holds it.

    Of a free particle $\langle u^2 \rangle = \frac{\beta\hbar^2}{12m}(1 - P^{-2})$ along each axis; in a potential
    well it is less.
    """
    from scipy.special import chdtri

    kinds, atoms = np.unique(masses, return_counts=True)
    variance = units.HBAR**2 / (12 * kinds * kT) * (1 - 1 / beads**2)
    tails = chdtri(3, 1 / (atoms * beads * _INSTANTS))
    return float(np.sqrt(np.max(variance * tails)))
