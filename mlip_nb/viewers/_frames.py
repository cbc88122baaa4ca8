"""Frames as they are drawn, read from a Dataset one by one when they are shown."""

import abc
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..errors import unknown
from ._geometry import wrapped
from ._scale import Scale, lengths, scale_of

_SAMPLES = 9
"""Frames that are looked at for the ends of a scale of colours."""


@dataclass(frozen=True)
class Frame:
    """Atoms at one moment, as they are drawn."""

    positions: np.ndarray
    """`[atoms 3]`, Å, inside the cell along the periodic directions."""
    cell: np.ndarray
    """Lattice vectors in rows, Å; zeros where there is no cell."""
    values: np.ndarray | None = None
    """One number an atom; without them colours are those of elements."""
    scale: Scale | None = None
    by: str = ""
    """Name of the variable that the values come from."""
    beads: np.ndarray | None = None
    """`[beads atoms 3]`, Å: a path integral's copies of the atoms."""
    index: int = 0
    caption: str = ""


def frame_of(positions: np.ndarray, cell: np.ndarray, pbc: np.ndarray) -> Frame:
    """One structure as a frame."""
    return Frame(wrapped(positions, cell, pbc), np.asarray(cell, float))


class AbstractReader(abc.ABC):
    """Where a viewer gets the frames that are looked at."""

    colourings: dict[str, str]
    """Names of what atoms can be coloured by, and what to call it; nothing means elements."""

    @abc.abstractmethod
    def frames(self, numbers: list[int], by: str) -> Iterator[Frame]:
        """Some frames, coloured by a variable.

        **Raises:** `InputError` for a variable that says nothing of atoms.
        """


class FrameReader(AbstractReader):
    """The frames of a Dataset. It may be lazy: nothing is read before it is shown."""

    def __init__(self, dataset: xr.Dataset, pbc: np.ndarray, scales: dict[str, Scale] | None = None):
        self.count = dataset.sizes["frame"]
        self.colourings = {"": "element"} | {
            name: _label(dataset[name]) for name in map(str, dataset.data_vars) if _is_of_atoms(name, dataset[name])
        }
        self._dataset = dataset
        self._pbc = pbc
        self._scales = {} if scales is None else scales

    def frames(self, numbers: list[int], by: str) -> Iterator[Frame]:
        """Some frames, one after another."""
        return (self.frame(number, by) for number in numbers)

    def frame(self, index: int, by: str = "") -> Frame:
        """One frame, coloured by a variable.

        **Raises:** `InputError` for a variable that says nothing of atoms.
        """
        if by not in self.colourings:
            raise unknown("colouring", by, [name for name in self.colourings if name])
        cell = self.cell(index)
        return Frame(
            self._inside(index, cell),
            cell,
            self._values(index, by) if by else None,
            self._scale(by) if by else None,
            by,
            index=index,
            caption=self._caption(index),
        )

    def positions(self, index: int) -> np.ndarray:
        """Positions of one frame, Å, every atom in the cell along the periodic directions."""
        return self._inside(index, self.cell(index))

    def cell(self, index: int) -> np.ndarray:
        """Lattice vectors of one frame in rows, Å."""
        return self._dataset["cell"].isel(frame=index).values.astype(float)

    def _inside(self, index: int, cell: np.ndarray) -> np.ndarray:
        return wrapped(self._dataset["positions"].isel(frame=index).values, cell, self._pbc)

    def _values(self, index: int, by: str) -> np.ndarray:
        variable = self._dataset[by]
        now = variable.isel(frame=index) if "frame" in variable.dims else variable
        return lengths(now.transpose("atom", ...).values.astype(float))

    def _scale(self, by: str) -> Scale:
        if by not in self._scales:
            samples = np.unique(np.linspace(0, self.count - 1, _SAMPLES).astype(int))
            values = np.concatenate([self._values(int(index), by) for index in samples])
            unit = str(self._dataset[by].attrs.get("units", ""))
            self._scales[by] = scale_of(self.colourings[by], unit, values)
        return self._scales[by]

    def _caption(self, index: int) -> str:
        return captioned(float(self._dataset["time"][index]) if "time" in self._dataset.variables else None)


def captioned(time: float | None) -> str:
    """What is said of a frame, by its time in fs."""
    return "" if time is None else f"{time / 1000:.3f} ps"


def _is_of_atoms(name: str, variable: xr.DataArray) -> bool:
    of_atoms = "atom" in variable.dims and set(variable.dims) <= {"frame", "atom", "xyz"}
    return of_atoms and variable.dtype.kind in "fiu" and name != "positions"


def _label(variable: xr.DataArray) -> str:
    return str(variable.attrs.get("long_name", variable.name))
