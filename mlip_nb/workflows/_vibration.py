"""One vibration of a crystal as frames that can be played."""

import itertools
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Complex, Float

from .. import units
from ..errors import InputError, unknown
from ..results.schema import build_dataset
from ..system import System
from ._phonopy import empty
from .phonons import Phonons

if TYPE_CHECKING:
    import xarray as xr
    from phonopy import Phonopy

_MOST_CELLS = 16
"""Along one lattice vector: what a wave may take to come back to itself."""
_STILL = 1e-3
"""Of a cell: how far from itself it may come back."""
_SLOWEST = 0.05
"""THz: what is slower has no period."""


def phonopy_of(data: "xr.Dataset", crystal: System) -> "Phonopy":
    """phonopy's own object, with the force constants and charges of a Dataset of phonons, for all that it can do.

    **Raises:** `InputError` for a Dataset without force constants.
    """
    if "force_constants" not in data:
        raise InputError("this Dataset has no force constants; those of %mlip phonons have")
    settings = Phonons(**json.loads(data.attrs["settings"]))
    phonons = empty(crystal, settings.copies(crystal))
    phonons.force_constants = data["force_constants"].values
    settings.polarise(phonons, crystal)
    return phonons


def vibration(
    data: "xr.Dataset", crystal: System, branch: int, point: str | Sequence[float], amplitude: float, frames: int
) -> "xr.Dataset":
    r"""One period of a phonon in the smallest crystal that holds its wave, the atom that moves most by `amplitude` (Å).

    $$u_{n\kappa}(t) = \operatorname{Re} e_\kappa\,m_\kappa^{-1/2} e^{i(q \cdot r_{n\kappa} - \omega t)}$$
    `point` is the name of a point of the path or a wave vector in reciprocal vectors of the primitive cell.

    **Raises:** `InputError` for an unknown point or branch, and a wave that fits no crystal of 16 cells a side.
    """
    phonons, q = phonopy_of(data, crystal), _wave_vector(data, point)
    found = phonons.run_qpoints([q], with_eigenvectors=True)
    branches = found.frequencies.shape[1]
    if not -branches <= branch < branches:
        raise InputError(f"branch {branch}: there are {branches}, from 0 to {branches - 1}")
    cells = np.array(list(itertools.product(*map(range, _cells(q)))))
    places, wave = _wave(phonons, q, found.eigenvectors[0][:, branch], cells)
    wave *= amplitude / np.linalg.norm(wave, axis=1).max()
    phases = np.arange(frames) / frames
    moved = np.real(wave * np.exp(-2j * np.pi * phases)[:, None, None])
    return _played(phonons, places + moved, _cells(q), phases, float(found.frequencies[0, branch]))


def _wave(
    phonons: "Phonopy", q: Float[np.ndarray, "3"], mode: Complex[np.ndarray, " coordinates"], cells: np.ndarray
) -> tuple[Float[np.ndarray, "atoms 3"], Complex[np.ndarray, "atoms 3"]]:
    """Places at rest (Å), and what the wave does to them at first; largest where it is real."""
    primitive = phonons.primitive
    fractions = (cells[:, None] + primitive.scaled_positions).reshape(-1, 3)
    shares = mode.reshape(-1, 3) / np.sqrt(primitive.masses)[:, None]
    wave = np.tile(shares, (len(cells), 1)) * np.exp(2j * np.pi * fractions @ q)[:, None]
    largest = wave.ravel()[np.abs(wave).argmax()]
    return fractions @ primitive.cell, wave * np.abs(largest) / largest


def _played(phonons: "Phonopy", positions: np.ndarray, copies: Sequence[int], phases: np.ndarray, frequency: float):
    primitive, cells, frames = phonons.primitive, int(np.prod(copies)), len(positions)
    moving = {"time": phases / units.from_internal(units.to_internal(frequency, "THz"), "1/fs")}
    return build_dataset(
        {
            "symbol": np.array(primitive.symbols * cells),
            "number": np.tile(primitive.numbers, cells),
            "mass": np.tile(primitive.masses, cells),
            "positions": positions,
            "cell": np.tile(primitive.cell * np.array(copies)[:, None], (frames, 1, 1)),
            **(moving if frequency > _SLOWEST else {}),
        },
        attrs={"made_by": "vibration", "frequency": f"{frequency:.4f} THz", "pbc": json.dumps([True] * 3)},
    )


def _wave_vector(data: "xr.Dataset", point: str | Sequence[float]) -> np.ndarray:
    if not isinstance(point, str):
        return np.array(point, float)
    name = {"G": "Γ", "GAMMA": "Γ"}.get(point.upper(), point)
    labels = data["band_label"].values
    if name not in labels or not name:
        raise unknown("point", point, sorted(set(labels) - {""}))
    return data["wave_vector"].values[int(np.argmax(labels == name))]


def _cells(q: np.ndarray) -> tuple[int, ...]:
    """After how many cells the wave is what it was."""
    copies = tuple(Fraction(float(one)).limit_denominator(_MOST_CELLS).denominator for one in q)
    away = np.abs(q * copies - np.round(q * copies)).max()
    if away > _STILL:
        raise InputError(
            f"wave vector {', '.join(f'{one:g}' for one in q)}: the wave fits no crystal of {_MOST_CELLS} cells a "
            "side; give fractions such as 0.25"
        )
    return copies
