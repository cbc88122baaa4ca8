"""A structure that moves while something computes it; and ours of the viewers that can show it."""

import abc

import ipywidgets
import numpy as np

from ..system import System
from ._frames import Frame, frame_of
from .structure_viewer import StructureViewer

SIDE = 260
"""Height and least width beside a panel, pixels."""


class AbstractLiveView(abc.ABC):
    """Draws the newest state of a system. Made on the main thread; `show` may be called from another one."""

    widget: ipywidgets.DOMWidget

    @abc.abstractmethod
    def show(self, system: System, *, at_once: bool = False) -> None:
        """Move the atoms to where they are in `system`; calls that come too fast are passed over."""

    @abc.abstractmethod
    def keep(self, system: System) -> None:
        """Let a view that is drawn anew, or in a file that is opened later, start from this system."""


class LiveView(AbstractLiveView):
    """Ours: the front end says when it has painted a frame, and is sent the next one then."""

    def __init__(self, system: System):
        self._viewer = StructureViewer(system.numbers, np.array(system.pbc), frame_of_system(system), height=SIDE)
        self._viewer.layout = ipywidgets.Layout(flex=f"0 0 {SIDE}px", width=f"{SIDE}px")
        self.widget = self._viewer

    def show(self, system: System, *, at_once: bool = False) -> None:
        """Move the atoms to where they are in `system`."""
        self._viewer.show(frame_of_system(system), at_once=at_once)

    def keep(self, system: System) -> None:
        """Start from this system when drawn anew."""
        self.show(system, at_once=True)


def frame_of_system(system: System) -> Frame:
    """A system as it is drawn."""
    return frame_of(np.asarray(system.positions), np.asarray(system.cell), np.array(system.pbc))
