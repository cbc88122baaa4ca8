"""`%mlip accept`: make do with what a run has found."""

from typing import Annotated, Any

from ...errors import InputError
from ._base import Command, Offers, Positional, Variable, commands


@commands.register("accept")
class Accept(Command):
    """Have a design make do with what it has found: its sites become one element each, and it is finished."""

    run: Annotated[Any, Positional("RUN"), Variable("run"), Offers(lambda session: session.runs)]
    """Name of a run (see `%mlip runs`), or a variable that holds one."""

    def execute(self, session) -> None:
        """Accept it and wait for its end."""
        run = session.run(self.run) if isinstance(self.run, str) else self.run
        if run.status.ended:
            raise InputError(f"{run.name} is {run.status}; there is nothing left to accept")
        run.accept()
        run.wait()
        self.say(f"{run.name}: {run.status} after step {run.done}")
