"""Minima and saddle points, by eigenvector following with exact Hessians."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError, SimulationError
from ._landscape import Landscape
from ._rigid import RigidMotions

FORCE = 1e-5
"""eV/Å: the largest component that a stationary point may have left."""
_STEPS = 300
_RADIUS, _LONGEST, _SHORTEST = 0.1, 0.3, 1e-4
"""Å that a coordinate may change in one step: at first, at most, at least."""
_SOFTEST = 1.0
"""1/cm: a motion slower than this is no vibration."""

Vector = Float[np.ndarray, " all_coordinates"]
Surface = Callable[[Vector], tuple[float, Vector, Float[np.ndarray, "all_coordinates all_coordinates2"]]]
"""Value, gradient and Hessian."""
Directions = Callable[[Vector], Float[np.ndarray, "all_coordinates motions"]]
"""Orthonormal directions in which nothing changes."""


@dataclass(frozen=True)
class Stationary:
    """A structure where all forces vanish, and its harmonic vibrations."""

    x: Float[np.ndarray, " coordinates"]
    energy: float
    """eV."""
    squares: Float[np.ndarray, " vibrations"]
    """Squared angular frequencies, internal units, ascending; rigid motions are left out."""
    modes: Float[np.ndarray, "coordinates vibrations"]
    log_rigid: Callable[[float], float]
    """Logarithm of the classical partition function of rigid motions, by kT (see `RigidMotions`)."""

    @property
    def negative(self) -> int:
        """In how many directions it is a maximum."""
        return int(np.sum(self.squares < 0))


def find_minimum(landscape: Landscape, name: str = "reactant") -> Stationary:
    """The minimum below a structure.

    **Raises:** `InputError` when it is none, or has motions that are no vibrations.
    """
    found = _found(landscape, 0)
    if found.negative:
        raise InputError(
            f"the {name} relaxed to a point with {_negatives(found)}, which is no minimum; displace it along one of "
            "them and start there"
        )
    _check_stiff(found, name)
    return found


def find_saddle(landscape: Landscape) -> Stationary:
    """The first-order saddle point near a structure: up along its softest mode, down along all others.

    **Raises:** `InputError` when the point that is found is a minimum or a saddle of higher order.
    """
    found = _found(landscape, 1)
    if found.negative != 1:
        raise InputError(
            f"the guess of the saddle led to a point with {_negatives(found)}, and a barrier has one; "
            + (
                "displace the guess along the second of them"
                if found.negative
                else "move the atoms that react closer to the top of the barrier"
            )
        )
    _check_stiff(found, "saddle")
    return found


def follow(
    surface: Surface,
    start: Vector,
    rigid: Directions,
    scale: Vector,
    *,
    order: int,
    what: str,
    tolerance: float = FORCE,
) -> Vector:
    """The stationary point with `order` directions downhill, by steps up along the lowest modes, down along others.

    A step is Newton's where the Hessian has the wanted signs, and no coordinate divided by its `scale` (the root of
    its mass) changes by more than a radius that follows how well the quadratic model does. The largest force is then
    at most `tolerance`.

    **Raises:** `SimulationError` when it does not converge.

    ??? cite "Reference"
        C. J. Cerjan, W. H. Miller, *J. Chem. Phys.* **75**, 2800 (1981), doi:10.1063/1.442352
    """
    x, radius, (value, slope, hessian) = start, _RADIUS, surface(start)
    for _ in range(_STEPS):
        step, expected = _step(slope, hessian, rigid(x), order, scale, radius)
        if np.abs(slope * scale).max() < tolerance:
            return x
        ahead = surface(x + step)
        ratio = (ahead[0] - value) / expected if expected else 1.0
        good = np.isfinite(ahead[0]) and 0.5 < ratio < 1.5
        radius = min(1.5 * radius, _LONGEST) if good else max(0.5 * radius, _SHORTEST)
        if np.isfinite(ahead[0]) and (-1 < ratio < 4 or radius == _SHORTEST):
            x, (value, slope, hessian) = x + step, ahead
    raise SimulationError(
        f"the search for {what} did not converge: after {_STEPS} steps there is a force of "
        f"{np.abs(slope * scale).max():.2g} eV/Å; start nearer to it"
    )


def wavenumber(square: float) -> float:
    """Of a squared angular frequency, 1/cm; negative for an imaginary one."""
    return float(np.sign(square) * units.from_internal(np.sqrt(abs(square)), "THz")) / (2 * np.pi) * _PER_CM


_PER_CM = 1e12 / 29979245800.0
"""1/cm of one THz."""


def _step(slope, hessian, rigid, order, scale, radius):
    """The step, and what the quadratic model expects of it; nothing along rigid motions."""
    inside = np.eye(len(slope)) - rigid @ rigid.T
    curvatures, modes = np.linalg.eigh(inside @ hessian @ inside)
    outside = np.square(rigid.T @ modes).sum(axis=0) > 0.5
    uphill = np.flatnonzero(~outside)[:order]
    along = modes.T @ slope
    bent = np.maximum(np.abs(curvatures), max(1e-6 * np.abs(curvatures).max(), 1e-12))
    shares = np.where(outside, 0, -along / bent)
    shares[uphill] *= -1
    step = modes @ shares
    step *= min(1.0, radius / max(np.abs(step / scale).max(), 1e-300))
    return step, float(slope @ step + 0.5 * step @ hessian @ step)


def _found(landscape: Landscape, order: int) -> Stationary:
    rigid = RigidMotions(landscape, landscape.start)

    def surface(x):
        (value,), (slope,) = landscape.slopes(x[None])
        return value, slope, landscape.hessians(x[None])[0]

    def directions(x):
        return rigid.directions(x[None])

    what = "the saddle point" if order else "the minimum"
    x = follow(surface, landscape.start, directions, landscape.roots, order=order, what=what)
    squares, modes = vibrations(landscape.hessians(x[None])[0], directions(x))
    energy = float(landscape.energies(x[None])[0])
    return Stationary(x, energy, squares, modes, lambda kT: rigid.log_partition(x[None], kT))


def vibrations(hessian: np.ndarray, rigid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a Hessian across rigid motions."""
    across = np.linalg.qr(rigid, mode="complete")[0][:, rigid.shape[1] :]
    squares, vectors = np.linalg.eigh(across.T @ hessian @ across)
    return squares, across @ vectors


def _negatives(found: Stationary) -> str:
    if not found.negative:
        return "no negative mode"
    told = ", ".join(f"{-wavenumber(square):.0f}i" for square in found.squares[: found.negative])
    return (
        f"{found.negative} negative modes ({told} 1/cm)" if found.negative != 1 else f"one negative mode ({told} 1/cm)"
    )


def _check_stiff(found: Stationary, name: str) -> None:
    soft = np.abs([wavenumber(square) for square in found.squares])
    if soft.size and soft.min() < _SOFTEST:
        raise InputError(
            f"the {name} has a mode of {soft.min():.2g} 1/cm, which is no vibration; give fragments that are far apart "
            "as reactants of their own, or hold atoms in place"
        )
