"""nglview's widget, which leaves a picture of ours where nothing draws widgets."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nglview

from ._frames import Frame
from .fallback import with_fallback
from .picture import png

if TYPE_CHECKING:
    import ase


class PicturedNGLWidget(nglview.NGLWidget):
    """Shows a structure of nglview; `frame_at` gives what the picture shows of each of its frames."""

    def __init__(
        self,
        structure: nglview.Structure,
        atoms: "ase.Atoms",
        frame_at: Callable[[int], Frame],
        *,
        default_representation: bool,
    ):
        self._atoms, self._frame_at = atoms, frame_at
        super().__init__(structure, default_representation=default_representation)

    def _ipython_display_(self, **kwargs: Any) -> None:
        # nglview's own does the same with a bundle that has no picture, and comes before any other way to be shown.
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, for front ends that draw it; a line and a picture for those that do not, and for saved files."""
        shown = super()._repr_mimebundle_(**kwargs)
        picture = png(self._atoms.numbers, self._atoms.pbc, self._frame_at(self.frame))
        return with_fallback(shown, self._atoms.get_chemical_formula("hill"), picture)
