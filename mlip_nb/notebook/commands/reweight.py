"""`%mlip reweight`: averages of a run as if another potential had made it."""

from typing import Annotated, Any

from ..._table import Table
from ...errors import InputError
from ...params import Share
from ...properties.weights import Route
from ...workflows._reweight import reweight
from ..session import Session
from ._base import Command, Positional, commands
from ._data import DataSource, data_of
from ._potential import PotentialChoice, built
from ._show import show


@commands.register("reweight")
class Reweight(Command):
    """Averages and the free-energy difference that another potential has, from the frames of a run with a first one.

    The run is one at constant temperature: path integrals with --store-beads, or molecular dynamics.
    """

    data: Annotated[DataSource, Positional("RUN")]
    """A variable that holds a Dataset or a run, the name of a run, or a store."""
    potential: PotentialChoice = None
    """The other potential: a name, a .safetensors file, or a variable."""
    route: Route = "exponential"
    """Exponential weights, exact but refused where they spread too far; or the cumulant expansion to second order."""
    discard: Share = 0.2
    """Part of the frames, at the start, that is left out."""

    def execute(self, session: Session) -> Any:
        """The Dataset, and a table."""
        if self.potential is None:
            raise InputError("--potential: a value is needed: the potential to go to")
        data = reweight(data_of(self.data, session), built(self.potential), route=self.route, discard=self.discard)
        if not self.quiet:
            show(_table(data), session)
            self.say(f"{data.attrs['kish_share']:.0%} of the frames carry the weights")
        return data if session.in_notebook else None


def _table(data) -> Table:
    """A line for each average."""
    rows = zip(*(data[name].values for name in ("estimator", "unit", "estimate", "standard_error")), strict=True)
    told = [(name, f"{estimate:.6g}", f"{error:.2g}", unit) for name, unit, estimate, error in rows]
    return Table(("average", "value", "error", "unit"), told)
