"""`%mlip md`: molecular dynamics."""

from ...workflows import MD
from ._base import commands
from ._simulation import Simulation


@commands.register("md")
class RunMD(Simulation):
    """Molecular dynamics of a structure. The result is an xarray Dataset.

    The cell shows the run while it goes on; an interrupt (Ctrl-C) ends it and keeps what was computed.
    With --append, whatever the line does not say (structure, potential, parameters) is taken from the store.
    """

    workflow: MD
