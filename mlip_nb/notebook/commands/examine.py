"""`%mlip examine`: the doctor of training data."""

from typing import Annotated, Any

from ._base import Command, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._show import show


@commands.register("examine")
class Examine(Command):
    """Look for what is wrong with labelled frames, by frame number; nothing is changed."""

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""
    reading: Reading

    def execute(self, session) -> Any:
        """The report; in a shell it is printed."""
        from ...learn import examine

        report = examine(frames_of(self.data, self.reading))
        return report if session.in_notebook else show(report, session)
