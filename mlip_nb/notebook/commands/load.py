"""`%mlip load`: a structure."""

from typing import Annotated

from ...system import System
from ._base import Command, Positional, commands
from ._structure import Loading, Structure, system_as_python, system_of


@commands.register("load")
class Load(Command):
    """Load a structure: a file ASE reads, a crystal by name, ase.Atoms, or the last frame of a Dataset."""

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A file, a name such as Si, or a variable."""
    loading: Loading

    def execute(self, session) -> System:
        """The system; one line says what it is."""
        system = system_of(self.structure, self.loading)
        self.say(repr(system))
        return system

    def as_python(self, write) -> list[str]:
        """By `mlip_nb.load`."""
        return [f"{self.output or 'system'} = {system_as_python(self.structure, self.loading, write)}"]
