"""Reading the two file formats of embedded-atom potentials: setfl and funcfl."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import InputError

_HARTREE_BOHR = 27.2 * 0.529
"""eV Å of funcfl's effective charges: the rounded values of the program that introduced the format."""


@dataclass(frozen=True)
class Tables:
    """An embedded-atom potential as its file tabulates it."""

    elements: tuple[str, ...]
    cutoff: float
    """Å."""
    density_step: float
    distance_step: float
    """Å."""
    embedding: np.ndarray
    """eV, [species, densities]."""
    density: np.ndarray
    """At `own` by a neighbour `other`, [own, other, distances]."""
    pair: np.ndarray
    """Pair energy times distance, eV Å, [own, other, distances]."""


def read(path: Path) -> Tables:
    """The tables of a setfl file (`eam/alloy`, `eam/fs`: many elements) or a funcfl file (one element).

    **Raises:** `InputError` when there is no such file, or it is neither.
    """
    if not path.is_file():
        raise InputError(f"{path} is {'a directory' if path.is_dir() else 'not there'}; give a setfl or funcfl file")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _modified: int) -> Tables:
    try:
        lines = path.read_text(errors="strict").splitlines()
        count = lines[3].split()[0]
        return _setfl(lines) if count.isdigit() and len(lines[3].split()) == int(count) + 1 else _funcfl(lines)
    except (ValueError, IndexError, UnicodeDecodeError, KeyError) as error:
        raise InputError(
            f"{path} is neither a setfl nor a funcfl file ({error}); download the potential file again"
        ) from error


def _setfl(lines: list[str]) -> Tables:
    elements = tuple(lines[3].split()[1:])
    densities, density_step, distances, distance_step, cutoff = _grid(lines[4])
    values = _Numbers(lines[5:])
    n = len(elements)
    left = len(values.tokens) - n * (4 + densities) - n * (n + 1) // 2 * distances
    # Finnis-Sinclair files (eam/fs) have a density for every pair of elements, the others one for each element.
    per_element = n if n > 1 and left >= n * n * distances else 1
    embedding, density = [], []
    for _ in elements:
        values.skip(4)
        embedding.append(values.take(densities))
        # The file lists what the element gives to each other one; here the first index is who receives.
        density.append(
            np.broadcast_to(values.take(per_element * distances).reshape(per_element, distances), (n, distances))
        )
    pair = np.zeros((n, n, distances))
    for own in range(n):
        for other in range(own + 1):
            pair[own, other] = pair[other, own] = values.take(distances)
    return Tables(
        elements, cutoff, density_step, distance_step, np.array(embedding), np.array(density).swapaxes(0, 1), pair
    )


def _funcfl(lines: list[str]) -> Tables:
    from ase.data import chemical_symbols

    element = chemical_symbols[int(lines[1].split()[0])]
    densities, density_step, distances, distance_step, cutoff = _grid(lines[2])
    values = _Numbers(lines[3:])
    embedding, charge, density = values.take(densities), values.take(distances), values.take(distances)
    pair = _HARTREE_BOHR * charge**2
    return Tables(
        (element,), cutoff, density_step, distance_step, embedding[None], density[None, None], pair[None, None]
    )


def _grid(line: str) -> tuple[int, float, int, float, float]:
    densities, density_step, distances, distance_step, cutoff = line.split()[:5]
    grid = int(densities), _number(density_step), int(distances), _number(distance_step), _number(cutoff)
    if min(grid) <= 0 or min(grid[0], grid[2]) < 4:
        raise ValueError(f"grid {line.strip()!r}")
    return grid


def _number(token: str) -> float:
    """Fortran writes exponents with D."""
    return float(token.replace("D", "e").replace("d", "e"))


class _Numbers:
    """The values after the header, taken in order."""

    def __init__(self, lines: list[str]):
        self.tokens = " ".join(lines).split()
        self._at = 0

    def skip(self, count: int) -> None:
        self._at += count

    def take(self, count: int) -> np.ndarray:
        taken = self.tokens[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError(f"it ends {count - len(taken)} numbers early")
        self._at += count
        values = np.array([_number(token) for token in taken])
        if not np.isfinite(values).all():
            raise ValueError("it has numbers that are not finite")
        return values
