"""`%mlip attach`: back to a run, also after the kernel was restarted."""

from typing import Annotated, Any

from ..session import is_a
from ._base import Command, Positional, commands
from ._data import DataSource, data_of


@commands.register("attach")
class Attach(Command):
    """Open the panel of a run again; of a store from an earlier kernel, give its data and say how to go on."""

    run: Annotated[DataSource, Positional("RUN")]
    """Name of a run, a variable that holds one, or a store."""

    def execute(self, session) -> Any:
        """The run when it is one of this notebook, the Dataset otherwise."""
        from .. import panels

        run = session.runs.get(self.run, self.run) if isinstance(self.run, str) else self.run
        if is_a(run, "run"):
            panels.show(run, quiet=self.quiet)
            return run
        data = data_of(run, session)
        if isinstance(run, str):
            self.say(_how_to_go_on(run, data))
        return data


def _how_to_go_on(store: str, data) -> str:
    status = data.attrs.get("status", "")
    if status == "finished":
        return f"{store}: finished; %mlip md {store} --save {store} --append --steps N makes it longer"
    return f"{store}: {status or 'ended early'}; %mlip md {store} --save {store} --append goes on to the end"
