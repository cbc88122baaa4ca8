"""Embedded-atom files written on the fly from closed forms."""

from pathlib import Path

import numpy as np

ALLOY = ("Cu", "Ag")
CUTOFF = 5.5
_DENSITIES, _DENSITY_STEP, _DISTANCES, _DISTANCE_STEP = 800, 0.02, 1200, 0.005


def fade(r):
    """A fourfold zero at the cutoff."""
    return (1 - np.minimum(r / CUTOFF, 1)) ** 4


def pair(r, own: str, other: str):
    """eV."""
    return 40 * (1 + 0.2 * ((own != other) + (own == other == "Ag"))) * np.exp(-1.3 * r) * fade(r)


def density(r, other: str, own: str = "Cu", *, by_pair: bool = False):
    """Of a neighbour `other`, at `own` where that matters."""
    scale = {"Cu": 12.0, "Ag": 15.0}[other] * (1.3 if by_pair and own == "Ag" else 1.0)
    return scale * np.exp(-0.6 * r) * fade(r)


def embedding(rho, symbol: str):
    """eV."""
    return {"Cu": -2.0, "Ag": -1.7}[symbol] * (np.sqrt(rho + 0.25) - 0.5) + 0.02 * rho


def write_setfl(folder: Path, *, by_pair: bool = False) -> Path:
    """Two elements, `eam/alloy`; or `eam/fs` with a density for each pair."""
    r, rho = _DISTANCE_STEP * np.arange(_DISTANCES), _DENSITY_STEP * np.arange(_DENSITIES)
    head = f"{_DENSITIES} {_DENSITY_STEP} {_DISTANCES} {_DISTANCE_STEP} {CUTOFF}"
    lines = ["made", "for", "tests", f"{len(ALLOY)} {' '.join(ALLOY)}", head]
    for symbol, number in zip(ALLOY, (29, 47), strict=True):
        lines.append(f"{number} 63.5 3.6 fcc")
        lines += _column(embedding(rho, symbol))
        for own in ALLOY if by_pair else ALLOY[:1]:
            lines += _column(density(r, symbol, own, by_pair=by_pair))
    for index, own in enumerate(ALLOY):
        for other in ALLOY[: index + 1]:
            lines += _column(r * pair(r, own, other))
    return _write(folder / f"test.eam.{'fs' if by_pair else 'alloy'}", lines)


def write_funcfl(folder: Path) -> Path:
    """Copper alone."""
    r, rho = _DISTANCE_STEP * np.arange(_DISTANCES), _DENSITY_STEP * np.arange(_DENSITIES)
    head = f"{_DENSITIES} {_DENSITY_STEP} {_DISTANCES} {_DISTANCE_STEP} {CUTOFF}"
    charge = np.sqrt(r * pair(r, "Cu", "Cu") / (27.2 * 0.529))
    lines = ["made for tests", "29 63.5 3.6 fcc", head]
    return _write(
        folder / "test.eam", lines + _column(embedding(rho, "Cu")) + _column(charge) + _column(density(r, "Cu"))
    )


def _column(values) -> list[str]:
    """Five to a line, as such files have them."""
    return [" ".join(f"{value:.17e}" for value in values[start : start + 5]) for start in range(0, len(values), 5)]


def _write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path
