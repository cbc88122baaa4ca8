"""`%mlip neb`: the way from one structure to another, and its barrier."""

from typing import Annotated, Any

from ...workflows._neb import NEB
from ..session import Session
from ._barrier import structure_of
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, potential_for
from ._show import show
from ._structure import Loading, Structure, system_of


@commands.register("neb")
class RunNEB(Command):
    """Path of least energy between two structures: nudged elastic band or string, with a climbing image.

    The result is a Dataset whose frames are the images; `%mlip view` shows them, and the one of highest energy is a
    guess of the saddle for `%mlip tst` and `%mlip instanton`.
    """

    structure: Annotated[Structure, Positional("START")]
    """Where the path begins: a variable, a file, or a name."""
    loading: Loading
    end: Structure
    """Where it ends: a variable or a file; the same atoms in the same order."""
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential."""
    workflow: NEB
    plot: bool = True
    """Draw energies along the path."""

    def execute(self, session: Session) -> Any:
        """The Dataset; barriers in a line, and a picture."""
        initial, final = system_of(self.structure, self.loading), structure_of(self.end, session)
        potential, remark = potential_for(self.potential, initial, session)
        if remark:
            self.say(remark)
        data = self.workflow.run(initial, final, potential, tell=self.say)
        self.say(_told(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None


def _told(data) -> str:
    forward, reverse = (float(data[f"{way}_barrier"]) for way in ("forward", "reverse"))
    told = f"barrier {forward:.4f} eV, {reverse:.4f} eV from the end"
    if "hopping_rate" in data:
        told += f"; {float(data['attempt_frequency']):.3g} THz, {float(data['hopping_rate']):.3g} hops a second"
    return told
