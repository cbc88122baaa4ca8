"""What verbs on a structure at rest have in common."""

from typing import TYPE_CHECKING, Annotated, Any

from ...params import Params
from ..session import Session
from ._base import Command, Positional
from ._potential import PotentialChoice, potential_as_python, potential_for
from ._show import show
from ._structure import Loading, Structure, system_as_python, system_of

if TYPE_CHECKING:
    import xarray as xr


class StaticCommand(Command):
    """A property of a structure at rest. The result is an xarray Dataset."""

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    loading: Loading
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential."""
    workflow: Params
    plot: bool = True
    """Draw the result."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a few lines and a picture on the way."""
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        data = self.workflow.run(system, potential)
        if not self.quiet:
            self._tell(data, session)
            if self.plot and session.in_notebook:
                show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def as_python(self, write) -> list[str]:
        """By `run` of the workflow."""
        return [
            f"system = {system_as_python(self.structure, self.loading, write)}",
            f"potential = {potential_as_python(self.potential, write)}",
            f"{self.output or 'ds'} = {write(self.workflow)}.run(system, potential)",
        ]

    def _tell(self, data: "xr.Dataset", session: Session) -> None:
        """What the picture does not say."""
        raise NotImplementedError
