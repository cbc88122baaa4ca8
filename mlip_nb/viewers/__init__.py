"""How atoms are shown in a notebook. The one file that knows which viewers there are: our own, and nglview."""

import importlib.util
from typing import TYPE_CHECKING, Literal, get_args

from ..errors import InputError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ase
    import ipywidgets
    import xarray as xr
    from matplotlib.axes import Axes

    from ..system import System
    from .live import AbstractLiveView
    from .moment import Moment

__all__ = ["LiveViewer", "Viewer", "can_be_drawn", "draw", "follow", "play", "show"]

Viewer = Literal["mlip", "nglview"]
"""Names of the viewers, the default first."""
LiveViewer = Literal[Viewer, "none"]
"""What may show a run while it goes on."""

_MOST_MOVING = 100_000
"""More atoms than this a browser cannot move."""


def play(dataset: "xr.Dataset", atoms: "ase.Atoms", viewer: str = "mlip", colour: str = "") -> "ipywidgets.DOMWidget":
    """A widget that plays all frames of a Dataset; `atoms` is the first one, `colour` a variable of atoms.

    Frames are read when they are shown.

    **Raises:** `InputError` for an unknown viewer or variable, or when nglview is missing.
    """
    _check(viewer)
    if viewer == "nglview":
        if colour:
            raise InputError(f"nglview does not colour by {colour!r}; use the viewer 'mlip'")
        from ._nglview_player import view_frames

        return view_frames(dataset, atoms)
    from ._frames import FrameReader
    from .structure_viewer import StructureViewer

    reader = FrameReader(dataset, atoms.pbc)
    return StructureViewer(atoms.numbers, atoms.pbc, reader.frame(0, colour), reader=reader, count=reader.count)


def show(atoms: "ase.Atoms", viewer: str = "mlip") -> "ipywidgets.DOMWidget":
    """A widget with one structure.

    **Raises:** `InputError` for an unknown viewer, or when nglview is missing.
    """
    _check(viewer)
    if viewer == "nglview":
        from ._nglview_player import view_atoms

        return view_atoms(atoms)
    from ._frames import frame_of
    from .structure_viewer import StructureViewer

    return StructureViewer(atoms.numbers, atoms.pbc, frame_of(atoms.positions, atoms.cell.array, atoms.pbc))


def follow(
    moment: "Moment",
    viewer: str,
    *,
    data: "Callable[[], xr.Dataset] | None" = None,
    colours: "Iterable[str]" = (),
    dark: bool = False,
) -> "AbstractLiveView | None":
    """A view of a system that moves; None where none is wanted, or where a browser could not move it.

    `data` gives the frames so far, for a viewer that can show former ones meanwhile, and colour atoms by some of
    their variables.
    """
    if viewer == "none" or len(moment.system.numbers) > _MOST_MOVING:
        return None
    _check(viewer)
    if viewer == "nglview":
        from ._nglview_live import NGLViewLive

        return NGLViewLive(moment.system, dark=dark)
    from .live import LiveView

    return LiveView(moment, data, colours)


def can_be_drawn(system: "System | None") -> bool:
    """True where there are atoms, and few enough for a picture in a file."""
    from .picture import MOST

    return system is not None and len(system.numbers) <= MOST


def draw(axes: "Axes", system: "System") -> None:
    """A picture of a system for files, on an axes of matplotlib; seen from where the viewer looks at first."""
    import numpy as np

    from . import picture
    from .live import frame_of_system

    picture.draw(axes, np.asarray(system.numbers), np.array(system.pbc), frame_of_system(system))


def _check(viewer: str) -> None:
    if viewer not in get_args(Viewer):
        raise unknown("viewer", str(viewer), get_args(Viewer))
    if viewer == "nglview" and not importlib.util.find_spec("nglview"):
        raise InputError("nglview is not installed; `pip install nglview==4.0`, then restart the kernel")
