"""`%mlip model-error`: how unsure the averages of a run are, because of few samples and because of the potential."""

from typing import Annotated, Any

from ..._table import Table
from ...params import Share
from ...properties.weights import Route
from ...workflows._model_error import model_error
from ..session import Session
from ._base import Command, Positional, commands
from ._data import DataSource, data_of
from ._potential import PotentialChoice, built
from ._show import show


@commands.register("model-error")
class ModelError(Command):
    """Averages of a run with both parts of their error: the statistical one, and that of the potential.

    Each member of a committee is asked for the average in its own ensemble, by weights on the frames of the run.
    """

    data: Annotated[DataSource, Positional("RUN")]
    """A variable that holds a Dataset or a run, the name of a run, or a store."""
    potential: PotentialChoice = None
    """The committee: a name, a .safetensors file, or a variable; that of the run when not given."""
    observables: tuple[str, ...] = ()
    """Variables with a number for each frame that depend on positions only, such as volume; besides the energy."""
    route: Route = "cumulant"
    """The cumulant expansion to first order, or exponential weights: exact, but refused where they spread too far."""
    discard: Share = 0.2
    """Part of the frames, at the start, that is left out."""

    def execute(self, session: Session) -> Any:
        """The Dataset, and a table."""
        run = data_of(self.data, session)
        potential = run.mlip.potential() if self.potential is None else built(self.potential)
        options = {name: getattr(self, name) for name in ("observables", "route", "discard")}
        data = model_error(run, potential, **options)
        if not self.quiet:
            show(_table(data), session)
            least = float(data["member_share"].min())
            self.say(f"{least:.0%} of the frames at least carry the weights of a member")
        return data if session.in_notebook else None


_COLUMNS = ("estimator", "unit", "estimate", "standard_error", "model_error", "total_error")


def _table(data) -> Table:
    """A line for each average."""
    told = [
        (name, f"{estimate:.6g}", *(f"{error:.2g}" for error in errors), unit)
        for name, unit, estimate, *errors in zip(*(data[column].values for column in _COLUMNS), strict=True)
    ]
    return Table(("average", "value", "statistical error", "model error", "together", "unit"), told)
