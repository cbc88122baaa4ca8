"""`%mlip use`: the potential of this notebook."""

from typing import Annotated

from ...errors import InputError
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, describe


@commands.register("use")
class Use(Command):
    """Choose the potential that every later line takes when it names none."""

    potential: Annotated[PotentialChoice, Positional("POTENTIAL")] = None
    """A name, a .safetensors file, or a variable with a potential or an ASE calculator; nothing: forget the choice."""

    def execute(self, session) -> None:
        """Remember it; what cannot be built is refused now, not at the first run."""
        if not session.in_notebook:
            raise InputError("a shell remembers no choice; give --potential NAME to the verb that needs it")
        if self.potential is not None and hasattr(self.potential, "build"):
            self.potential.build()
        session.potential = self.potential
        self.say(f"Potential: {'by the elements' if self.potential is None else describe(self.potential)}")
