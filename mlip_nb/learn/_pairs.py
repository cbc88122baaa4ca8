"""Pairs of frames so near to each other that the labels of one foretell those of the other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ._images import complete

if TYPE_CHECKING:
    from ._evidence import Case

FAR = 0.5
"""Å: root mean square displacement of an atom up to which two frames are worth comparing."""

SAME = 2e-4
"""Å: frames with no atom displaced by more are one structure."""

STRAIN = 0.06
"""Largest component of a strain between two cells worth comparing: a third-order error of a few per cent."""

BESIDE = 0.2
"""Å: how far an atom may be displaced beyond what the strain does."""

_THIRD_TO_SECOND = 5.0
"""Third derivative of the energy of a bond in units of the second, 1/Å."""

_PARTNERS = 3
"""Nearest frames that each frame is compared with."""

_BLOCK = 1000
"""Frames whose distances to all others are in memory at a time."""

_WINDOW = 200
"""How many of the frames that follow it a strained frame is compared with."""


@dataclass(frozen=True)
class Pair:
    """Two frames, and how atoms go from the first to the second apart from what the cell does, seen in each cell."""

    first: "Case"
    second: "Case"
    moves: tuple[np.ndarray, np.ndarray]  # [atoms, 3] Å each

    @property
    def indices(self) -> tuple[int, int]:
        """Numbers of the frames."""
        return self.first.index, self.second.index

    @cached_property
    def distance(self) -> float:
        """Root mean square displacement, Å."""
        return float(np.sqrt(np.sum(self.moves[0] ** 2) / len(self.moves[0])))

    @property
    def rise(self) -> float:
        """Energy of the second less that of the first, eV."""
        return self.second.energy - self.first.energy

    @cached_property
    def work(self) -> float:
        """What the mean of both forces says the energy rises by, eV: the trapezoid rule."""
        return -0.5 * float(sum(np.sum(force * move) for force, move in zip(self._forces, self.moves, strict=True)))

    @cached_property
    def doubt(self) -> float:
        r"""What `work` may be wrong by, eV, as forces change on the way: the error of the trapezoid rule.

        $$\frac{E''' \Delta x^3}{12} \approx \frac{E'''}{12 E''}\, \delta \sum_i |\Delta F_i \cdot \Delta x_i|$$

        with δ the displacement, weighted by its square. For a bond whose energy falls as exp(-a r) the ratio of third
        to second derivative is 3a at the minimum: 5/Å. Atoms do not all err in one direction, so this is a bound.
        """
        first, second = self._forces
        lengths = np.linalg.norm(self.moves[0], axis=1)
        reach = np.sum(lengths**3) / max(np.sum(lengths**2), 1e-30)
        change = np.abs(np.sum((second - first) * self.moves[0], axis=1)).sum()
        return _THIRD_TO_SECOND / 12 * float(reach * change)

    @property
    def has_labels(self) -> bool:
        """Whether both frames have energies and forces."""
        return all(case.energy is not None and case.forces is not None for case in (self.first, self.second))

    @cached_property
    def strains(self) -> tuple[np.ndarray, np.ndarray]:
        """Change of the cell in units of the first cell, and of the second."""
        change = self.second.cell - self.first.cell
        return np.linalg.solve(self.first.cell, change), np.linalg.solve(self.second.cell, change)

    @property
    def _forces(self) -> tuple[np.ndarray | None, np.ndarray | None]:
        return self.first.forces, self.second.forces


def close_pairs(cases: list["Case"]) -> list[Pair]:
    """Each frame with the nearest few in the same cell, if they are near enough.

    Distances come from one matrix product, so that ten thousand frames take seconds.
    """
    return [
        pair
        for same in _by_cell(cases)
        for first, second in sorted(_near(_unwrapped(same)))
        if (pair := _displaced(same[first], same[second])).distance < FAR and np.abs(pair.moves[0]).max() > SAME
    ]


def _by_cell(cases: list["Case"]) -> list[list["Case"]]:
    """Cases of one cell to 1e-4 Å; a cell on the edge of rounding loses a pair, and makes no wrong one."""
    cells = defaultdict(list)
    for case in cases:
        periodic = case.cell * np.array(case.pbc)[:, None]
        cells[(np.round(periodic, 4) + 0.0).tobytes()].append(case)
    return list(cells.values())


def _unwrapped(cases: list["Case"]) -> np.ndarray:
    """Displacements from the first frame without drift, flat, Å: in small numbers matrix products are exact enough."""
    return np.stack([displacement(cases[0], case).ravel() for case in cases])


def displacement(first: "Case", second: "Case") -> np.ndarray:
    """The shortest way of each atom from one frame to another in the same cell, without the drift of all, Å."""
    way = second.positions - first.positions
    if any(first.pbc):
        basis = complete(first.cell)
        fractional = way @ np.linalg.inv(basis)
        way = way - np.where(first.pbc, np.round(fractional), 0) @ basis
    return way - way.mean(axis=0)


def _near(points: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of rows: each with its nearest few."""
    squares = np.sum(points**2, axis=1)
    partners = min(_PARTNERS, len(points) - 1)
    pairs: set[tuple[int, int]] = set()
    for start in range(0, len(points) if partners else 0, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(points)))
        distances = squares[rows, None] + squares - 2 * points[rows] @ points.T
        distances[rows - start, rows] = np.inf
        nearest = np.argpartition(distances, partners - 1, axis=1)[:, :partners]
        pairs |= {(min(row, other), max(row, other)) for row, near in zip(rows, nearest, strict=True) for other in near}
    return pairs


def _displaced(first: "Case", second: "Case") -> Pair:
    moves = displacement(first, second)
    return Pair(first, second, (moves, moves))


def strained_pairs(cases: list["Case"]) -> list[Pair]:
    """Frames whose cells differ by a small strain, and atoms hardly beyond that; neighbours in the source suffice."""
    return [
        pair
        for first, second in _slightly_strained(np.stack([case.cell for case in cases]))
        if np.abs((pair := _beside(cases[first], cases[second])).moves[0]).max() < BESIDE
    ]


def _slightly_strained(cells: np.ndarray) -> Iterator[tuple[int, int]]:
    inverses = np.linalg.inv(cells)
    for first in range(len(cells)):
        change = inverses[first] @ (cells[first + 1 : first + _WINDOW] - cells[first])
        largest = np.abs(change).max(axis=(1, 2), initial=0)
        for step in np.flatnonzero((largest > 1e-5) & (largest < STRAIN)):
            yield first, first + 1 + int(step)


def _beside(first: "Case", second: "Case") -> Pair:
    """The pair, with what atoms do beyond the strain."""
    way = second.positions @ np.linalg.inv(second.cell) - first.positions @ np.linalg.inv(first.cell)
    way -= np.round(way)
    way -= way.mean(axis=0)
    return Pair(first, second, (way @ first.cell, way @ second.cell))
