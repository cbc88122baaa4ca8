"""`%mlip resume`: go on with a run that rests."""

from typing import Annotated, Any

from ...errors import InputError
from ...params import Positive
from ...viewers import LiveViewer
from .. import panels
from ._base import Command, Offers, Positional, Variable, commands


@commands.register("resume")
class Resume(Command):
    """Go on with a run that rests, after a pause or an alarm of its monitor. It goes on in the background."""

    run: Annotated[Any, Positional("RUN"), Variable("run"), Offers(lambda session: session.runs)]
    """Name of a run (see `%mlip runs`), or a variable that holds one."""
    threshold: Annotated[float, Positive] | None = None
    """Another threshold for its monitor."""
    viewer: LiveViewer = "mlip"
    """What shows the structure."""

    def execute(self, session) -> Any:
        """The Run."""
        run = session.run(self.run) if isinstance(self.run, str) else self.run
        if run.status.ended:
            raise InputError(f"{run.name} is {run.status}; %mlip attach {run.store or run.name} tells how to go on")
        if self.threshold is not None:
            run.set(threshold=self.threshold)
        run.resume()
        panels.show(run, quiet=self.quiet, viewer=self.viewer)
        return run
