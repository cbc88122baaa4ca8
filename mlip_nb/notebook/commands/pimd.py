"""`%mlip pimd`: path-integral molecular dynamics."""

from ...potentials import AbstractPotential
from ...system import System
from ...workflows import PIMD
from ._base import commands
from ._simulation import Simulation


@commands.register("pimd")
class RunPIMD(Simulation):
    """Path-integral molecular dynamics of a structure: quantum nuclei. The result is an xarray Dataset.

    The cell shows the run while it goes on; an interrupt (Ctrl-C) ends it and keeps what was computed.
    With --append, whatever the line does not say (structure, potential, parameters) is taken from the store.
    """

    workflow: PIMD

    def _settled(self, workflow: PIMD, system: System, potential: AbstractPotential) -> PIMD:
        """With a number of beads, and a word on what it costs in accuracy."""
        settled, remark = workflow.settled(system, potential)
        if remark:
            self.say(remark)
        return settled
