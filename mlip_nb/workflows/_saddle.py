"""Saddle points from one structure, and the two minima that they join."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

import annotated_types
import numpy as np

from ..errors import InputError, RunWarning
from ..params import Coordinate, Count, Force, Length, Seed
from ..path_integrals._landscape import Landscape
from ..path_integrals._rigid import RigidMotions
from ..path_integrals.elastic_band import arc, relaxed
from ..path_integrals.saddle_search import Climb, climb
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ._band import flat, origin, structures, surface_of
from ._end_points import nearest
from ._property import Property

if TYPE_CHECKING:
    import xarray as xr

_AWAY = 0.1
"""Å to either side of a saddle, where the ways down begin."""
_SAME = 0.3
"""Å, of the atom that differs most, for a minimum to be the one that the search began at."""
_SOFT = 1e-3
"""eV/Å²: a second curvature below minus this makes a saddle of higher order."""


class Saddle(Property):
    """A saddle point near a structure, found by forces alone."""

    # From one start members may come to other saddles, and what they differ by would be no error.
    asks_members: ClassVar[bool] = False

    displacement: Annotated[Coordinate, annotated_types.Ge(0)] = 0.2
    """Typical random displacement at the start; 0 for a guess that is no minimum."""
    around: Annotated[int, annotated_types.Ge(0)] | None = None
    """Number of the atom around which atoms are displaced; all are without it."""
    radius: Length = 4.0
    """How far from it."""
    seed: Seed = 0
    """Of the displacement: other seeds find other saddles."""
    force: Force = 0.002
    """Largest component of a force that is left."""
    steps: Count = 500
    """Steps at most, of the search and of each way down."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Three frames, the minimum nearest to the start, the saddle, the minimum beyond; and the barriers between.

        **Raises:** `InputError` for an atom that is not there, and what the potential cannot evaluate.
        """
        self._check(system)
        landscape = Landscape(system, potential, curved=False)
        surface, start = surface_of(landscape), flat(system, landscape)
        rigid = _rigid(landscape)
        found = climb(surface, start + self._moves(system, landscape), rigid, force=self.force, steps=self.steps)
        path, left = self._joined(surface, start, found)
        complaints = [*self._complaints(found, path - start), *self._unfinished(path, left)]
        for complaint in complaints:
            warnings.warn(complaint, RunWarning, stacklevel=4)
        data = build_dataset(_told(path, found, landscape), attrs=origin("saddle", self, landscape.system, potential))
        return data.assign_attrs(verdict="\n".join(complaints), steps=found.steps)

    def _check(self, system: System) -> None:
        atoms = len(system.numbers)
        if self.around is not None and self.around >= atoms:
            raise InputError(
                f"around: there is no atom {self.around}; {system.formula} has those from 0 to {atoms - 1}"
            )

    def _moves(self, system: System, landscape: Landscape) -> np.ndarray:
        """Random, of atoms near the chosen one."""
        moves = np.random.default_rng(self.seed).normal(scale=self.displacement, size=system.positions.shape)
        if self.around is not None:
            positions = np.asarray(system.positions, float)
            away = np.linalg.norm(nearest(positions - positions[self.around], system), axis=1)
            moves[away > self.radius] = 0
        return moves[landscape.mobile].ravel()

    def _joined(self, surface, start: np.ndarray, found: Climb) -> tuple[np.ndarray, float]:
        """The minimum nearer to the start, the saddle, the other minimum; and the force that is left at minima."""
        options = {"force": self.force, "steps": self.steps}
        ends = [relaxed(surface, found.place + away * found.mode, **options) for away in (_AWAY, -_AWAY)]
        ends.sort(key=lambda end: float(np.linalg.norm(end[0] - start)))
        return np.stack([ends[0][0], found.place, ends[1][0]]), max(left for _, left in ends)

    def _complaints(self, found: Climb, away: np.ndarray) -> list[str]:
        told = []
        if found.force > self.force or found.curvature >= 0:
            told.append(
                f"not converged: after {found.steps} steps a force of {found.force:.2g} eV/Å is left and the lowest "
                f"curvature is {found.curvature:.3g} eV/Å²; take more --steps, or another --seed"
            )
        elif found.second < -_SOFT:
            told.append(
                f"a saddle of higher order: the second curvature is {found.second:.3g} eV/Å²; try another --seed"
            )
        if not told and self.displacement and np.abs(away[0]).max() > _SAME:
            told.append("the saddle does not border on the structure that was given; its own two minima are told")
        return told

    def _unfinished(self, path: np.ndarray, left: float) -> Iterator[str]:
        if left > self.force:
            yield f"a way down has not come to its end: a force of {left:.2g} eV/Å is left; take more --steps"
        elif np.linalg.norm(path[[0, 2]] - path[1], axis=1).min() < 1.5 * _AWAY:
            yield "a way down ends beside the saddle, which is too flat for this --force; take a smaller one"


def _rigid(landscape: Landscape):
    """Directions in Å, not weighed by masses."""
    motions = RigidMotions(landscape, landscape.start)

    def directions(place: np.ndarray) -> np.ndarray:
        weighed = motions.directions((place * landscape.roots)[None])
        return np.linalg.qr(weighed / landscape.roots[:, None])[0]

    return directions


def _told(path: np.ndarray, found: Climb, landscape: Landscape) -> dict[str, object]:
    energies, slopes = surface_of(landscape)(path)
    mode = np.zeros((len(landscape.mobile), 3))
    mode[landscape.mobile] = found.mode.reshape(-1, 3)
    return {
        **structures(path, energies, slopes, landscape),
        "path_distance": arc(path),
        "path_energy": energies - energies[0],
        "path_slope": np.zeros(3),
        "forward_barrier": energies[1] - energies[0],
        "reverse_barrier": energies[1] - energies[2],
        "lowest_curvature": found.curvature,
        "softest_direction": mode,
    }
