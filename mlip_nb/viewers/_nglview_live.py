"""The structure of a run in nglview, as it moves."""

import io
import time
from typing import TYPE_CHECKING

import numpy as np

from ..system import System, to_ase
from ._geometry import wrapped
from .comm import answer_while_busy
from .live import SIDE, AbstractLiveView
from .moment import Moment

if TYPE_CHECKING:
    import nglview

_PERIOD = 0.25
"""Seconds between two frames of a small structure."""
_ATOMS_PER_SECOND = 40_000
_DARK = "#111111"
"""The ground of JupyterLab's dark themes."""


class NGLViewLive(AbstractLiveView):
    """nglview, which moves the atoms but not the cell."""

    def __init__(self, system: System, *, dark: bool = False):
        self._next = 0.0
        self._period = max(_PERIOD, len(system.numbers) / _ATOMS_PER_SECOND)
        self._view = _nglview(system)
        if dark:
            self._view.background = _DARK
        self.widget = self._view

    def show(self, moment: Moment, *, at_once: bool = False) -> None:
        """Move the atoms to where they are now; calls that come too fast are passed over."""
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + self._period
        self._view.set_coordinates({0: _inside(moment.system)})

    def keep(self, moment: Moment) -> None:
        """Let a view that is drawn anew, or in a file that is opened later, start from here."""
        archive = [dict(message) for message in self._view._ngl_msg_archive]
        for message in archive:
            if message["methodName"] == "loadFile":
                message["args"] = [{**message["args"][0], "data": _text(moment.system)}]
        self._view._ngl_msg_archive = archive


def _nglview(system: System) -> "nglview.NGLWidget":
    import nglview

    view = nglview.NGLWidget()
    answer_while_busy(view)
    view.layout.flex, view.layout.overflow = f"0 0 {SIDE}px", "hidden"
    # One by one, and before there is something to look at: nglview watches these two, and places the camera by them.
    view.layout.width, view.layout.height = f"{SIDE}px", f"{SIDE}px"
    view.add_structure(nglview.TextStructure(_text(system)), default_representation=False)
    if any(system.pbc):
        # Sticks would follow bonds of the first frame through the walls of the cell.
        view.add_representation("spacefill", radius_type="covalent", radius_scale=0.6)
        view.add_representation("unitcell")
    else:
        view.add_representation("ball+stick")
    view.center()
    return view


def _inside(system: System) -> np.ndarray:
    return wrapped(np.asarray(system.positions), np.asarray(system.cell), np.array(system.pbc))


def _text(system: System) -> str:
    """The system as a PDB file, which nglview reads with its cell."""
    atoms = to_ase(system)
    atoms.positions = _inside(system)
    file = io.StringIO()
    atoms.write(file, format="proteindatabank")
    return file.getvalue()
