"""`%mlip plot`: time series as a picture."""

from pathlib import Path
from typing import Annotated, Any

from ...errors import InputError
from ._base import Command, Positional, commands
from ._data import DataSource, data_of


@commands.register("plot")
class Plot(Command):
    """Plot energies and temperature over time."""

    data: Annotated[DataSource, Positional("DATA")]
    """A variable that holds a Dataset or a run, the name of a run, or a store."""
    save: Path | None = None
    """File for the picture; its ending says the format."""

    def execute(self, session) -> Any:
        """The figure."""

        if self.save is None and not session.in_notebook:
            raise InputError("--save: a shell shows no pictures; write it to a file, for example --save run.png")
        figure = data_of(self.data, session).mlip.plot()
        if self.save is None:
            return figure
        figure.savefig(self.save)
        self.say(f"picture written to {self.save}")
        return None
