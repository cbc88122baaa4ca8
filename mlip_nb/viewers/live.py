"""A structure that moves while something computes it; and ours of the viewers that can show it."""

import abc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import ipywidgets
import numpy as np
import xarray as xr

from ..results.schema import QUANTITIES
from ..system import System
from ._frames import AbstractReader, Frame, FrameReader, captioned, frame_of
from ._scale import Scale, lengths, scale_of
from .moment import Moment
from .structure_viewer import StructureViewer

SIDE = 260
"""Height and least width beside a panel, pixels."""


class AbstractLiveView(abc.ABC):
    """Draws the newest state of a system. Made on the main thread; `show` may be called from another one."""

    widget: ipywidgets.DOMWidget

    @abc.abstractmethod
    def show(self, moment: Moment, *, at_once: bool = False) -> None:
        """Move the atoms to where they are now; calls that come too fast are passed over."""

    @abc.abstractmethod
    def keep(self, moment: Moment) -> None:
        """The last of it: let a view that is drawn anew, or in a file that is opened later, start from here."""


class LiveView(AbstractLiveView):
    """Ours: the front end says when it has painted a frame, and is sent the next one then.

    Former frames can be looked at meanwhile: `data` gives what there is of them.
    """

    def __init__(self, moment: Moment, data: Callable[[], xr.Dataset] | None, colours: Iterable[str]):
        system = moment.system
        pbc = np.array(system.pbc)
        by = moment.colouring if data else ""
        self._reader = _Growing(data, pbc, colours) if data else None
        look = {"height": SIDE, "layout": ipywidgets.Layout(flex=f"0 0 {SIDE}px", width=f"{SIDE}px")}
        # Named before there are values, so that the choice shows it.
        first = replace(self._frame(moment, by), by=by)
        self._viewer = StructureViewer(
            system.numbers, pbc, first, reader=self._reader, count=moment.frames, live=True, **look
        )
        self.widget = self._viewer

    def show(self, moment: Moment, *, at_once: bool = False) -> None:
        """Move the atoms to where they are now, in the colours that were chosen."""
        self._viewer.show(self._frame(moment, self._viewer.by), at_once=at_once)

    def keep(self, moment: Moment) -> None:
        """Start from here when drawn anew, and play what there is."""
        self.show(moment, at_once=True)
        self._viewer.live = False

    def _frame(self, moment: Moment, by: str) -> Frame:
        values = lengths(moment.of_atoms[by]) if by in moment.of_atoms else None
        still = frame_of_system(moment.system)
        return replace(
            still,
            values=values,
            scale=self._reader.widened(by, values) if self._reader and values is not None else None,
            by=by if values is not None else "",
            beads=None if moment.spread is None else still.positions + moment.spread,
            index=moment.frames - 1,
            caption=captioned(moment.time),
        )


class _Growing(AbstractReader):
    """Frames of a run that goes on. Its data are asked for anew each time, because there are more of them."""

    def __init__(self, data: Callable[[], xr.Dataset], pbc: np.ndarray, colours: Iterable[str]):
        self.colourings = {"": "element"} | {name: QUANTITIES[name].long_name for name in colours}
        self._data, self._pbc = data, pbc
        self._scales: dict[str, Scale] = {}

    def frames(self, numbers: list[int], by: str) -> Iterator[Frame]:
        """Some frames, coloured by a variable."""
        data = self._data().isel(replica=0, missing_dims="ignore")
        return FrameReader(data, self._pbc, self._scales).frames(numbers, by)

    def widened(self, by: str, values: np.ndarray) -> Scale:
        """One scale for all frames so far: colours must not change their meaning from one frame to the next."""
        scale, before = scale_of(self.colourings[by], QUANTITIES[by].units, values), self._scales.get(by)
        self._scales[by] = scale.joined(before) if before else scale
        return self._scales[by]


def frame_of_system(system: System) -> Frame:
    """A system as it is drawn."""
    return frame_of(np.asarray(system.positions), np.asarray(system.cell), np.array(system.pbc))
