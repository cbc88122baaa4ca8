"""What we read of the files of a SNAP potential: which elements there are, and how far they reach."""

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ase.data import chemical_symbols

from ..errors import InputError


@dataclass(frozen=True)
class Tables:
    """A SNAP potential as its two files tell it."""

    elements: tuple[str, ...]
    cutoff: float
    """Å: of the pair that reaches farthest."""
    digest: bytes
    """SHA-256 of both files."""


def read(file: Path, parameters: Path) -> Tables:
    """Both files.

    **Raises:** `InputError` when one is not there or is damaged.
    """
    for path, ending in ((file, ".snapcoeff"), (parameters, ".snapparam")):
        if not path.is_file():
            raise InputError(f"{path} is {'a directory' if path.is_dir() else 'not there'}; give a {ending} file")
    return _read(file, parameters, file.stat().st_mtime_ns, parameters.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(file: Path, parameters: Path, *_modified: int) -> Tables:
    try:
        reach = _positive(dict((*words, "")[:2] for words in _lines(parameters))["rcutfac"])
    except (KeyError, ValueError) as error:
        raise InputError(f"{parameters} is damaged ({type(error).__name__}: {error}); copy it again") from error
    try:
        radii = _radii(_lines(file))
    except (IndexError, ValueError) as error:
        raise InputError(f"{file} is damaged ({type(error).__name__}: {error}); copy it again") from error
    digest = hashlib.sha256(file.read_bytes() + parameters.read_bytes()).digest()
    return Tables(tuple(radii), reach * 2 * max(radii.values()), digest)


def _lines(path: Path) -> list[list[str]]:
    """Words of each line that has any, without comments."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [words for line in lines if (words := line.partition("#")[0].split())]


def _radii(lines: list[list[str]]) -> dict[str, float]:
    """Of the elements.

    **Raises:** `ValueError` or `IndexError` that says what is wrong with the coefficients.
    """
    (elements, count), lines = map(int, lines[0][:2]), lines[1:]
    if elements < 1 or count < 1 or len(lines) != elements * (1 + count):
        raise ValueError(f"{len(lines)} lines for {elements} elements with {count} coefficients each")
    radii = {}
    for block in (lines[start : start + 1 + count] for start in range(0, len(lines), 1 + count)):
        symbol, radius, weight = block[0][:3]
        if symbol not in chemical_symbols[1:] or symbol in radii:
            raise ValueError(f"{symbol} where another element is expected")
        radii[symbol] = _positive(radius)
        for word in (weight, *(words[0] for words in block[1:])):
            _finite(word)
    return radii


def _finite(word: str) -> float:
    if not math.isfinite(value := float(word)):
        raise ValueError(f"{word} where a finite number is expected")
    return value


def _positive(word: str) -> float:
    if (value := _finite(word)) <= 0:
        raise ValueError(f"{word} where a positive number is expected")
    return value
