"""`%mlip view`: the structure, moving if it is a trajectory."""

from typing import Annotated, Any

from ...errors import InputError
from ..session import is_a
from ._base import Command, Positional, commands
from ._data import DataSource, data_of


@commands.register("view")
class View(Command):
    """Show a structure or a trajectory in nglview."""

    data: Annotated[DataSource, Positional("DATA")]
    """A variable that holds a structure, a Dataset or a run, the name of a run, or a store."""

    def execute(self, session) -> Any:
        """The widget."""

        if not session.in_notebook:
            raise InputError(
                "view needs a notebook; in a shell plot a store with: python -m mlip_nb plot STORE --save run.png"
            )
        if is_a(self.data, "structure") and not is_a(self.data, "data"):
            return _view_structure(self.data)
        return data_of(self.data, session).mlip.view()


def _view_structure(structure: Any) -> Any:
    import nglview

    from ...system import System, to_ase

    view = nglview.show_ase(to_ase(structure) if isinstance(structure, System) else structure)
    view.add_unitcell()
    return view
