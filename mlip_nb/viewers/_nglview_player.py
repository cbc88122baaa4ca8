"""The trajectory of a Dataset in nglview: atoms in the cell, the cell of every frame around them."""

import itertools
from typing import TYPE_CHECKING

import nglview
import numpy as np
import xarray as xr

from ._frames import FrameReader, frame_of
from ._nglview_widget import PicturedNGLWidget

if TYPE_CHECKING:
    import ase

_EDGE_COLOUR = [0.35, 0.35, 0.35]
_EDGE_RADIUS = 0.08


def view_frames(dataset: xr.Dataset, atoms: "ase.Atoms") -> nglview.NGLWidget:
    """A widget that plays all frames; `atoms` is the first one."""
    frames = FrameReader(dataset, atoms.pbc)
    atoms.positions = frames.positions(0)
    view = PicturedNGLWidget(_DatasetTrajectory(frames, atoms), atoms, frames.frame, default_representation=False)
    _draw_atoms(view, periodic=bool(atoms.pbc.any()))
    if atoms.pbc.any():
        _draw_cell(view, frames, moves=_cell_moves(dataset))
    view.center()
    return view


def view_atoms(atoms: "ase.Atoms") -> nglview.NGLWidget:
    """A widget with one structure."""
    frame = frame_of(atoms.positions, atoms.cell.array, atoms.pbc)
    view = PicturedNGLWidget(nglview.ASEStructure(atoms), atoms, lambda index: frame, default_representation=True)
    view.add_unitcell()
    return view


class _DatasetTrajectory(nglview.ASEStructure, nglview.Trajectory):
    """Frames and the first structure as one object of the two classes by which nglview recognises it."""

    def __init__(self, frames: FrameReader, atoms: "ase.Atoms"):
        super().__init__(atoms)
        self._frames = frames

    @property
    def n_frames(self) -> int:
        return self._frames.count

    def get_coordinates(self, index: int) -> np.ndarray:
        """Positions of one frame, Å."""
        return self._frames.positions(index)


def _draw_atoms(view: nglview.NGLWidget, *, periodic: bool) -> None:
    if periodic:
        # Sticks would follow bonds of the first frame through the walls of the cell.
        view.add_representation("spacefill", radius_type="covalent", radius_scale=0.6)
    else:
        view.add_representation("ball+stick")


def _draw_cell(view: nglview.NGLWidget, frames: FrameReader, *, moves: bool) -> None:
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
