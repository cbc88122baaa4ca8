"""`python -m mlip_nb serve`: a potential as a client of i-PI."""

from typing import Annotated

from ...interop import Address, serve_ipi
from ..commands._base import Command, Positional, terminal_commands
from ..commands._potential import PotentialChoice, potential_for
from ..commands._structure import Loading, Structure, system_of


@terminal_commands.register("serve")
class Serve(Command):
    """Give i-PI energies, forces and virials over a socket, until it hangs up."""

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A file, or a name such as Si: the atoms of i-PI's input, in its order."""
    loading: Loading
    potential: PotentialChoice = None
    """What gives the forces: a name, or a .safetensors file."""
    address: Address
    """Where i-PI listens."""

    def execute(self, session) -> None:
        """Serve; one line says of how many structures."""
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        self.say(f"serving {potential!r} at {self.address}")
        structures = serve_ipi(potential, system, **self.address.model_dump())
        self.say(f"i-PI hung up after {structures} structures")
