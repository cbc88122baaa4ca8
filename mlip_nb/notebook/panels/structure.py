"""The structure of a run, as it moves. The one place that knows which viewer draws it."""

import io
import time
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from ...system import System, to_ase
from ._comm import answer_while_busy

if TYPE_CHECKING:
    import nglview

VIEWERS = ("nglview", "none")

_PERIOD = 0.25
"""Seconds between two frames of a small structure."""
_ATOMS_PER_SECOND = 40_000
_MOST_ATOMS = 100_000
_SIDE = "260px"
_DARK = "#111111"
"""The ground of JupyterLab's dark themes."""


class StructureView:
    """Draws the newest frame. Made on the main thread; `show` may be called from another one."""

    def __init__(self, system: System, *, dark: bool = False):
        self._next = 0.0
        self._period = max(_PERIOD, len(system.numbers) / _ATOMS_PER_SECOND)
        self._view = _nglview(system)
        if dark:
            self._view.background = _DARK
        self.widget: ipywidgets.DOMWidget = self._view

    def show(self, system: System, *, at_once: bool = False) -> None:
        """Move the atoms to where they are in `system`; calls that come too fast are passed over."""
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + self._period
        self._view.set_coordinates({0: wrapped(system)})

    def keep(self, system: System) -> None:
        """Let a view that is drawn anew, or in a file that is opened later, start from this system."""
        archive = [dict(message) for message in self._view._ngl_msg_archive]
        for message in archive:
            if message["methodName"] == "loadFile":
                message["args"] = [{**message["args"][0], "data": _text(system)}]
        self._view._ngl_msg_archive = archive


def open_view(system: System, viewer: str, *, dark: bool = False) -> StructureView | None:
    """A view of a system; None where none is wanted, or where it has more atoms than a browser can move."""
    wanted = viewer == "nglview" and len(system.numbers) <= _MOST_ATOMS
    return StructureView(system, dark=dark) if wanted else None


def wrapped(system: System) -> np.ndarray:
    """Positions with every atom in the cell, along the periodic directions, Å."""
    positions, cell = np.asarray(system.positions, float), np.asarray(system.cell, float)
    periodic = np.array(system.pbc)
    if not periodic.any():
        return positions
    from ase.geometry import complete_cell

    cell = complete_cell(cell)
    fractions = np.linalg.solve(cell.T, positions.T).T
    return positions - (np.floor(fractions + 1e-6) * periodic) @ cell


def _nglview(system: System) -> "nglview.NGLWidget":
    import nglview

    view = nglview.NGLWidget()
    answer_while_busy(view)
    view.layout.flex, view.layout.overflow = f"0 0 {_SIDE}", "hidden"
    # One by one, and before there is something to look at: nglview watches these two, and places the camera by them.
    view.layout.width, view.layout.height = _SIDE, _SIDE
    view.add_structure(nglview.TextStructure(_text(system)), default_representation=False)
    if any(system.pbc):
        # Sticks would follow bonds of the first frame through the walls of the cell.
        view.add_representation("spacefill", radius_type="covalent", radius_scale=0.6)
        view.add_representation("unitcell")
    else:
        view.add_representation("ball+stick")
    view.center()
    return view


def _text(system: System) -> str:
    """The system as a PDB file, which nglview reads with its cell."""
    atoms = to_ase(system)
    atoms.positions = wrapped(system)
    file = io.StringIO()
    atoms.write(file, format="proteindatabank")
    return file.getvalue()
