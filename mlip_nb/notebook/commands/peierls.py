"""`%mlip peierls`: what holds a dislocation where it is."""

from typing import TYPE_CHECKING, Annotated, Any

from ...errors import InputError
from ...potentials import AbstractPotential
from ...system import System
from ...workflows._dislocation import ScrewDislocation
from ...workflows.peierls import Peierls
from ..session import Session
from ._barrier import structure_of
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, potential_for
from ._show import show
from ._structure import Loading, Structure, system_of

if TYPE_CHECKING:
    import xarray as xr


@commands.register("peierls")
class RunPeierls(Command):
    """Peierls barrier and stress of a dislocation, by the path of least energy from one valley of the lattice to the
    next; with --shear also by a load that pushes it on.

    The result is a Dataset whose frames are the images of the path.
    """

    structure: Annotated[Structure, Positional("START")]
    """The dislocation in one valley: a variable, a file, or a name; without --end a crystal in which it is built."""
    loading: Loading
    end: Structure | None = None
    """The same atoms with the dislocation in the next valley: a variable or a file."""
    line: ScrewDislocation = ScrewDislocation()
    """What is built where there is no --end."""
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential."""
    workflow: Peierls
    plot: bool = True
    """Draw the energy by where the line is."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a line, and a picture."""
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        data = self._found(system, potential, session)
        self.say(_told(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def _found(self, system: System, potential: AbstractPotential, session: Session) -> "xr.Dataset":
        if self.end is not None:
            if self.line != ScrewDislocation():
                raise InputError("radius and rim are of a line that is built; leave them out, or --end")
            return self.workflow.run(system, structure_of(self.end, session), potential, tell=self.say)
        built = self.line.build(system, potential)
        self.say(f"a screw in {len(built.initial.numbers)} atoms, {int(built.initial.mobile.sum())} of them free")
        return self.workflow.of_line(built, potential, tell=self.say)


def _told(data) -> str:
    barrier, stress = float(data["peierls_barrier"]), float(data["peierls_stress"])
    told = f"Peierls barrier {1e3 * barrier:.4g} meV/Å, stress {stress:.4g} GPa"
    if "shear_peierls_stress" in data:
        told += f"; by a load {float(data['shear_peierls_stress']):.4g} GPa"
    return told
