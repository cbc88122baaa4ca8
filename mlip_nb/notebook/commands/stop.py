"""`%mlip stop`: end a run, keep its data."""

from typing import Annotated, Any

from ._base import Command, Offers, Positional, Variable, commands


@commands.register("stop")
class Stop(Command):
    """Stop a run; what was computed stays, on disk too."""

    run: Annotated[Any, Positional("RUN"), Variable("run"), Offers(lambda session: session.runs)]
    """Name of a run (see `%mlip runs`), or a variable that holds one."""

    def execute(self, session) -> None:
        """Stop it and wait for its last chunk."""
        run = session.run(self.run) if isinstance(self.run, str) else self.run
        run.stop()
        run.wait()
        self.say(f"{run.name}: {run.status} after step {run.done} of {run.total}")
