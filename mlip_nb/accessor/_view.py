"""The trajectory of a Dataset in nglview: atoms in the cell, the cell of every frame around them."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..errors import InputError

if TYPE_CHECKING:
    import ase
    import nglview

_EDGE_COLOUR = [0.35, 0.35, 0.35]
_EDGE_RADIUS = 0.08


class FrameReader:
    """The geometry of one frame after the other, read from the Dataset when it is shown."""

    def __init__(self, dataset: xr.Dataset, pbc: np.ndarray):
        self.count = dataset.sizes["frame"]
        self._dataset = dataset
        self._pbc = pbc

    def positions(self, index: int) -> np.ndarray:
        """Positions of one frame, Å, every atom in the cell along the periodic directions."""
        from ase.geometry import wrap_positions

        positions = self._dataset["positions"].isel(frame=index).values.astype(float)
        return wrap_positions(positions, self.cell(index), self._pbc) if self._pbc.any() else positions

    def cell(self, index: int) -> np.ndarray:
        """Lattice vectors of one frame in rows, Å."""
        return self._dataset["cell"].isel(frame=index).values.astype(float)


def view_frames(dataset: xr.Dataset, atoms: "ase.Atoms", backend: str) -> "nglview.NGLWidget":
    """A widget that plays all frames; `atoms` is the first one.

    **Raises:** `InputError` for an unknown backend, or when nglview is missing.
    """
    if backend != "nglview":
        raise InputError(f"unknown viewer {backend!r}. Known: nglview.")
    try:
        import nglview
    except ModuleNotFoundError as error:
        raise InputError("nglview is not installed; `pip install nglview==4.0`, then restart the kernel") from error
    frames = FrameReader(dataset, atoms.pbc)
    atoms.positions = frames.positions(0)
    view = nglview.NGLWidget(_trajectory(nglview, frames, atoms), default_representation=False)
    _draw_atoms(view, periodic=bool(atoms.pbc.any()))
    if atoms.pbc.any():
        _draw_cell(view, frames, moves=_cell_moves(dataset))
    view.center()
    return view


def _trajectory(nglview, frames: FrameReader, atoms: "ase.Atoms") -> "nglview.Trajectory":
    """Frames and the first structure as one object of the two classes by which nglview recognises it."""

    class DatasetTrajectory(nglview.ASEStructure, nglview.Trajectory):
        n_frames = frames.count

        def get_coordinates(self, index: int) -> np.ndarray:
            return frames.positions(index)

    return DatasetTrajectory(atoms)


def _draw_atoms(view: "nglview.NGLWidget", *, periodic: bool) -> None:
    if periodic:
        # Sticks would follow bonds of the first frame through the walls of the cell.
        view.add_representation("spacefill", radius_type="covalent", radius_scale=0.6)
    else:
        view.add_representation("ball+stick")


def _draw_cell(view: "nglview.NGLWidget", frames: FrameReader, *, moves: bool) -> None:
    if not moves:
        view.add_representation("unitcell")
        return
    # NGL knows one cell per structure, that of the first frame; a cell that moves is drawn as lines of ours.
    view._add_shape(_edges(frames.cell(view.frame)), name="cell")

    def redraw(change: dict) -> None:
        view.remove_component(view._ngl_component_ids[-1])
        view._add_shape(_edges(frames.cell(change["new"])), name="cell")

    view.observe(redraw, names="frame")


def _edges(cell: np.ndarray) -> list[tuple]:
    """The twelve edges of a cell as NGL's cylinders."""
    corners = [(np.array(corner), np.array(corner) @ cell) for corner in itertools.product((0, 1), repeat=3)]
    pairs = itertools.combinations(corners, 2)
    return [
        ("cylinder", start.tolist(), end.tolist(), _EDGE_COLOUR, _EDGE_RADIUS)
        for (near, start), (far, end) in pairs
        if np.abs(far - near).sum() == 1
    ]


def _cell_moves(dataset: xr.Dataset) -> bool:
    cells = dataset["cell"]
    return bool((cells != cells.isel(frame=0)).any())
