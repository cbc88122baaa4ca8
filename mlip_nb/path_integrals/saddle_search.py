"""Saddle points from anywhere, by forces alone: up along the softest direction, down along all others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ._fire import LONGEST, Motion
from .elastic_band import Surface

_NUDGE = 5e-3
"""Å to either side, to feel a curvature."""
_FIRST, _EACH = 24, 4
"""Products with the Hessian at the start, to find the softest direction, and after each step, to follow it."""
_LEFT = 1e-8
"""Of a new direction, below which there is none."""

Vector = Float[np.ndarray, " coordinates"]
Rigid = Callable[[Vector], Float[np.ndarray, "coordinates motions"]]
"""Orthonormal directions in which nothing changes."""


@dataclass(frozen=True)
class Climb:
    """Where a search ended."""

    place: Vector
    mode: Vector
    """The softest direction there."""
    curvature: float
    """Along it, eV/Å²."""
    second: float
    """Along the softest direction but one, eV/Å²."""
    force: float
    """Largest component of a force that is left, eV/Å."""
    steps: int


def climb(surface: Surface, start: Vector, rigid: Rigid, *, force: float, steps: int) -> Climb:
    """A saddle point near a structure, which must not be a stationary point itself.

    Where the softest direction bends upwards the structure goes up along it; where it bends down, along the force with
    its part in that direction turned round, as a dimer does. The direction is followed by a few steps of Lanczos.

    ??? cite "Reference"
        G. Henkelman, H. Jónsson, *J. Chem. Phys.* **111**, 7010 (1999), doi:10.1063/1.480097; R. Malek, N. Mousseau,
        *Phys. Rev. E* **62**, 7723 (2000), doi:10.1103/PhysRevE.62.7723
    """
    place, motion = start, None
    curvature, mode, stiffest = softest(surface, start, _any(start), rigid(start), _FIRST)
    for step in range(steps + 1):
        slope = surface(place[None])[1][0]
        left = float(np.abs(slope).max())
        if (left < force and curvature < 0) or step == steps:
            break
        motion = motion or Motion(max(stiffest, 1e-12))
        place = place + (motion.step(_turned(slope, mode)) if curvature < 0 else _uphill(slope, mode))
        curvature, mode, _ = softest(surface, place, mode, rigid(place), _EACH)
    second, _, _ = softest(surface, place, _any(place), np.column_stack([rigid(place), mode]), _FIRST)
    return Climb(place, mode, curvature, second, left, step)


def softest(
    surface: Surface, place: Vector, guess: Vector, without: Float[np.ndarray, "coordinates some"], products: int
) -> tuple[float, Vector, float]:
    """The lowest curvature (eV/Å²) across some directions, its own direction, and the highest that was met.

    Lanczos from a guess; products with the Hessian are differences of forces.
    """
    basis, bent = [], []
    direction = _across(guess, without)
    for _ in range(min(products, len(place) - without.shape[1])):
        length = np.linalg.norm(direction)
        if length < _LEFT:
            break
        basis.append(direction / length)
        ahead, behind = surface(place + _NUDGE * np.array([[1], [-1]]) * basis[-1])[1]
        bent.append(_across((ahead - behind) / (2 * _NUDGE), without))
        direction = _across(_across(bent[-1], np.array(basis).T), np.array(basis).T)
    small = np.array(basis) @ np.array(bent).T
    curvatures, shares = np.linalg.eigh((small + small.T) / 2)
    return float(curvatures[0]), shares[:, 0] @ np.array(basis), float(np.abs(curvatures).max())


def _across(vector: Vector, directions: Float[np.ndarray, "coordinates some"]) -> Vector:
    return vector - directions @ (directions.T @ vector)


def _turned(slope: Vector, mode: Vector) -> Vector:
    return 2 * (slope @ mode) * mode - slope


def _uphill(slope: Vector, mode: Vector) -> Vector:
    """As far as a step may lead: forces say little of how far the saddle is."""
    return LONGEST * (np.sign(slope @ mode) or 1.0) * mode / np.abs(mode).max()


def _any(like: Vector) -> Vector:
    return np.random.default_rng(0).normal(size=like.shape)
