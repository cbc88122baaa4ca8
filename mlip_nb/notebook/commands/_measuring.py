"""What verbs that ask something of a trajectory have in common."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ..._table import Table
from ...properties import Analysis
from ..session import Session, is_a
from ._base import Command, Positional
from ._data import DataSource, data_of
from ._show import show

if TYPE_CHECKING:
    import xarray as xr


class Measuring(Command):
    """Something that the trajectory of a run tells. The result is an xarray Dataset."""

    data: Annotated[DataSource, Positional("RUN")]
    """A variable that holds a Dataset or a run, the name of a run, or a store."""
    analysis: Analysis
    plot: bool = True
    """Draw it."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a line or a table, and a picture on the way."""
        found = self.analysis.of(self._asked(session))
        if line := self.analysis.told(found):
            self.say(line)
        if not self.quiet and (told := self.analysis.table(found)):
            show(Table(*told), session)
        if self.plot and session.in_notebook and not self.quiet:
            show(found.mlip.plot(), session)
        return found if session.in_notebook else None

    def _asked(self, session: Session) -> "xr.Dataset":
        """The Dataset that is asked."""
        return data_of(self.data, session)

    def as_python(self, write) -> list[str]:
        """By `Analysis.of`."""
        return [f"{self.output or 'found'} = {write(self.analysis)}.of({self._asked_as_python(write)})"]

    def _asked_as_python(self, write) -> str:
        stored = isinstance(self.data, (str, Path))
        source = f"{write.ours('open')}({write(self.data)})" if stored else write(self.data)
        return source + (".data()" if is_a(self.data, "run") else "")
