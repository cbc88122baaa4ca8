"""`%mlip view`: the structure, moving if it is a trajectory."""

from typing import Annotated, Any

from ...errors import InputError
from ...viewers import Viewer, show
from ..session import is_a
from ._base import Command, Positional, commands
from ._data import DataSource, data_of


@commands.register("view")
class View(Command):
    """Show a structure or a trajectory."""

    data: Annotated[DataSource, Positional("DATA")]
    """A variable that holds a structure, a Dataset or a run, the name of a run, or a store."""
    viewer: Viewer = "mlip"
    """What draws it."""
    colour: str = ""
    """Variable of the Dataset with a number or a vector for every atom, such as forces; elements without one."""

    def execute(self, session) -> Any:
        """The widget."""
        if not session.in_notebook:
            raise InputError(
                "view needs a notebook; in a shell plot a store with: python -m mlip_nb plot STORE --save run.png"
            )
        if is_a(self.data, "structure") and not is_a(self.data, "data"):
            return self._view_structure()
        return data_of(self.data, session).mlip.view(backend=self.viewer, colour=self.colour)

    def _view_structure(self) -> Any:
        from ...system import System, to_ase

        if self.colour:
            raise InputError(f"--colour: a structure has no variable {self.colour!r}; view the Dataset of a run")
        return show(to_ase(self.data) if isinstance(self.data, System) else self.data, self.viewer)
