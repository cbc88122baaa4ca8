"""Ring-polymer instantons: the periodic orbit through a barrier that dominates deep tunnelling, and its rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError, SimulationError
from ..telling import Tell, nothing_told
from ._landscape import Landscape
from ._rigid import RigidMotions
from .stationary import Stationary, follow, vibrations, wavenumber
from .tunnelling import barrier_frequency, crossover_temperature, log_reactants, log_tst

_COARSE = 8
"""Beads of the first instanton at least, for each crossover temperature there is in the temperature; each of the
following has twice as many."""
_HOTTEST, _COOLING = 0.9, 0.85
"""Of the crossover temperature, where the first orbit is sought, and how much colder the next one is at most."""
_AMPLITUDES, _FARTHEST = 60, 3.0
"""How many widths of the first guess are tried, and the largest, Å of an atom."""

Path = Float[np.ndarray, "half coordinates"]
"""Mass-weighted coordinates of half a ring polymer, from one turning point to the other."""


@dataclass(frozen=True)
class Instanton:
    """An orbit of `beads` beads, and what follows from it."""

    path: Path
    """Half of the ring: the other half goes the same way back."""
    energies: Float[np.ndarray, " half"]
    """Potential energy of each bead of the half, eV."""
    kT: float
    """eV."""
    action: float
    r"""$S/\hbar$: $\beta$ times the mean energy of a bead and of its spring; potential energies as they are."""
    log_flux: float
    """Logarithm of rate constant times partition function of the reactants, internal units."""

    @property
    def beads(self) -> int:
        """Of the whole ring."""
        return 2 * len(self.path)

    @property
    def lengths(self) -> Float[np.ndarray, " half"]:
        """How far each bead is along the path, amu^½ Å; the middle is zero."""
        steps = np.linalg.norm(np.diff(self.path, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        return along - along[-1] / 2

    def log_rate(self, reactants: Sequence[Stationary]) -> float:
        """Logarithm of the rate constant, internal units; reactants have as many beads."""
        return self.log_flux - log_reactants(reactants, self.kT, self.beads)

    def tunnelling_factor(self, saddle: Stationary) -> float:
        """Rate constant over that of transition-state theory, whose vibrations are quantum with as many beads."""
        return math.exp(self.log_flux - log_tst(saddle, (), self.kT, self.beads))


def find_instantons(
    landscape: Landscape, saddle: Stationary, kT: float, beads: int, *, tell: Tell = nothing_told
) -> list[Instanton]:
    r"""Instantons of more and more beads, the last one of `beads`: how they converge tells whether that is enough.

    $$k Z_r = \frac{1}{\beta_P\hbar} \sqrt{\frac{B}{2\pi\beta_P\hbar^2}}
    \prod_j{}' \frac{1}{\beta_P \hbar |\eta_j|} e^{-S/\hbar}, \quad B = \sum_i |x_{i+1} - x_i|^2$$

    over the vibrations of the whole ring, without the one along the orbit; $\beta_P = \beta/P$. Rotations and
    translations are those of a rigid ring. Near the crossover temperature the rate is too large.

    **Raises:** `InputError` above the crossover temperature, and for an odd number of beads.

    ??? cite "Reference"
        J. O. Richardson, S. C. Althorpe, *J. Chem. Phys.* **131**, 214106 (2009), doi:10.1063/1.3267318;
        J. O. Richardson, *Int. Rev. Phys. Chem.* **37**, 171 (2018), doi:10.1080/0144235X.2018.1472353
    """
    check_tunnels(saddle, kT)
    if beads % 2 or beads < 4:
        raise InputError(f"beads: an instanton folds into two equal halves; give an even number from 4 on, got {beads}")
    rigid = RigidMotions(landscape, saddle.x)
    found: list[Instanton] = []
    for count in _refinements(beads, _COARSE * max(2, _below(saddle, kT))):
        polymer = _HalfRing(landscape, kT, count // 2, rigid)
        start = _refined(found[-1].path, count // 2) if found else _cooled(polymer, saddle)
        found.append(polymer.instanton(start))
        tell(f"{count} beads: tunnelling factor {found[-1].tunnelling_factor(saddle):.5g}")
    return found


def check_tunnels(saddle: Stationary, kT: float) -> None:
    """**Raises:** `InputError` above the crossover temperature of the saddle."""
    if (below := _below(saddle, kT)) <= 1:
        raise InputError(
            f"{units.from_internal(kT, 'K'):g} K is above the crossover temperature of this barrier, "
            f"{units.from_internal(below * kT, 'K'):.1f} K ({-wavenumber(saddle.squares[0]):.0f}i 1/cm): there is no "
            "instanton; go below it, or use %mlip tst for Wigner's and Eckart's factors"
        )


class _HalfRing:
    """The energy of half a ring polymer whose second half lies on the first: a chain with free ends."""

    def __init__(self, landscape: Landscape, kT: float, half: int, rigid: RigidMotions):
        self.landscape, self.kT, self.half, self.rigid = landscape, kT, half, rigid
        self.stiffness = (2 * half * kT / units.HBAR) ** 2
        """Of a spring, in mass-weighted coordinates."""

    def __call__(self, flat: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Its energy, gradient and Hessian."""
        energy, slope = self.slopes(flat.reshape(self.half, -1))
        return energy, slope, self.matrix(self.landscape.hessians(flat.reshape(self.half, -1)), ends=1)

    def slopes(self, path: Path) -> tuple[float, np.ndarray]:
        """Energy and gradient."""
        energies, slopes = self.landscape.slopes(path)
        springs = self.stiffness * (_chain(self.half, 1) @ path)
        return float(energies.sum() + 0.5 * np.sum(path * springs)), (slopes + springs).ravel()

    def matrix(self, hessians: np.ndarray, *, ends: int) -> np.ndarray:
        """Second derivatives by motions that are the same on the way back (`ends` 1), or opposite (`ends` 3)."""
        size = hessians.shape[1]
        blocks = np.kron(self.stiffness * _chain(self.half, ends), np.eye(size)).reshape((self.half, size) * 2)
        beads = np.arange(self.half)
        blocks[beads, :, beads, :] += hessians
        return blocks.reshape(self.half * size, -1)

    def directions(self, flat: np.ndarray) -> np.ndarray:
        """Rigid motions of all beads."""
        return self.rigid.directions(flat.reshape(self.half, -1))

    def orbit(self, start: Path) -> Path:
        """The saddle of first order near a path."""
        scale = np.tile(self.landscape.roots, self.half)
        what = f"the instanton of {2 * self.half} beads at {units.from_internal(self.kT, 'K'):.1f} K"
        return follow(self, start.ravel(), self.directions, scale, order=1, what=what).reshape(self.half, -1)

    def instanton(self, start: Path) -> Instanton:
        """The one near a path, with what follows from it."""
        path = self.orbit(start)
        energy, _ = self.slopes(path)
        return Instanton(path, self.landscape.energies(path), self.kT, energy / self.half / self.kT, self._flux(path))

    def _flux(self, path: Path) -> float:
        """Its logarithm, by the eigenvalues of the whole ring: those of both kinds of motions."""
        hessians, flat = self.landscape.hessians(path), path.ravel()
        same, _ = vibrations(self.matrix(hessians, ends=1), self.directions(flat))
        # The lowest is the motion along the orbit.
        along, *opposite = np.linalg.eigvalsh(self.matrix(hessians, ends=3))
        self._check(same, along, opposite, path)
        quantum = units.HBAR / (2 * self.half * self.kT)
        squares = np.abs(np.concatenate([same, opposite]))
        hop = 2 * np.sum(np.diff(path, axis=0) ** 2)
        energy, _ = self.slopes(path)
        ring = np.concatenate([path, path[::-1]])
        return (
            -math.log(quantum)
            + 0.5 * math.log(hop / (2 * math.pi * units.HBAR * quantum))
            - 0.5 * float(np.sum(np.log(squares * quantum**2)))
            + self.rigid.log_partition(ring, self.kT)
            - energy / self.half / self.kT
        )

    def _check(self, same: np.ndarray, along: float, opposite: Sequence[float], path: Path) -> None:
        negative = int(np.sum(same < 0)) + int(np.sum(np.array(opposite) < 0))
        spread = np.abs(np.ptp(path / self.landscape.roots, axis=0)).max()
        if negative != 1 or spread < 1e-3:
            raise SimulationError(
                f"the search for an instanton of {2 * self.half} beads ended at a ring with {negative} negative modes, "
                f"{spread:.2g} Å long; it needs one. Try more beads, or a temperature nearer to the crossover"
            )


def _below(saddle: Stationary, kT: float) -> float:
    """How often the crossover temperature is the temperature."""
    return crossover_temperature(barrier_frequency(saddle)) / kT


def _refinements(beads: int, least: float) -> list[int]:
    """Numbers of beads, each half of the next, the last as asked for."""
    counts = [beads]
    while counts[0] % 4 == 0 and counts[0] // 2 >= least:
        counts.insert(0, counts[0] // 2)
    return counts


def _chain(size: int, ends: int) -> Float[np.ndarray, "half half2"]:
    """Second differences of a chain that is reflected at its ends: 1 where it goes on the same, 3 with a sign."""
    chain = 2 * np.eye(size) - np.eye(size, k=1) - np.eye(size, k=-1)
    chain[0, 0] = chain[-1, -1] = ends
    return chain


def _cooled(polymer: _HalfRing, saddle: Stationary) -> Path:
    """The orbit at this temperature, from the short one just below the crossover through those between."""
    hottest = _HOTTEST * _below(saddle, polymer.kT) * polymer.kT
    count = max(0, math.ceil(math.log(hottest / polymer.kT) / -math.log(_COOLING))) + 1
    path: Path | None = None
    for kT in np.geomspace(max(hottest, polymer.kT), polymer.kT, count)[:-1]:
        warmer = _HalfRing(polymer.landscape, float(kT), polymer.half, polymer.rigid)
        path = warmer.orbit(_stretched(warmer, saddle) if path is None else path)
    return _stretched(polymer, saddle) if path is None else path


def _stretched(polymer: _HalfRing, saddle: Stationary) -> Path:
    """Beads along the unstable mode as a cosine of imaginary time, as wide as has the least energy."""
    cosine = np.cos(np.pi * (np.arange(polymer.half) + 0.5) / polymer.half)
    mode = saddle.modes[:, 0]
    widths = np.linspace(0, _FARTHEST, _AMPLITUDES + 1) / np.abs(mode / polymer.landscape.roots).max()
    paths = [saddle.x + width * cosine[:, None] * mode for width in widths]
    energies = [polymer.slopes(path)[0] for path in paths]
    # The first minimum: farther out atoms would overlap.
    lower = np.flatnonzero(np.diff(energies) > 0)
    return paths[max(1, int(lower[0]) if lower.size else len(paths) - 1)]


def _refined(path: Path, half: int) -> Float[np.ndarray, "half2 coordinates"]:
    """With more beads, interpolated in imaginary time; turning points are mirrors."""
    from scipy.interpolate import CubicSpline

    old, new = ((np.arange(count) + 0.5) / count for count in (len(path), half))
    times = np.concatenate([-old[::-1], old, 2 - old[::-1]])
    return CubicSpline(times, np.concatenate([path[::-1], path, path[::-1]]))(new)
