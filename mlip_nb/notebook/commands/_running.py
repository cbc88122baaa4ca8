"""What every verb that starts a run has in common."""

import abc
import sys
import warnings
from typing import Annotated, Any

from ...errors import InputError, RunWarning
from ...params import UserPath, WallTime
from ...workflows import CHECKPOINT_SECONDS, Run
from ._base import Command, Recalls

_ANSWERS = (
    "nothing is lost: %mlip resume {name} goes on, with --threshold VALUE if you like; %mlip stop {name} ends it. This "
    "is what there is so far"
)


class Running(Command):
    """A run, in this cell or in the background, saved or not."""

    save: UserPath | None = None
    """Store that is written while the run goes on, such as out.zarr."""
    overwrite: bool = False
    """Replace a store that exists."""
    append: Annotated[bool, Recalls(("loading", "potential", "workflow"))] = False
    """Go on with the run in the store, for that many steps or epochs more."""
    checkpoint_every: WallTime = CHECKPOINT_SECONDS
    """Wall time from one checkpoint in the store to the next: what a run that is killed does again at most."""
    panel: bool = True
    """Show the live panel; without it there is a line of text."""
    background: bool = False
    """Give the Run at once, and leave the notebook free."""
    name: str | None = None
    """Name of the run in %mlip runs, attach and stop."""

    def execute(self, session) -> Any:
        """What the run gives, or with `--background` the Run."""
        self._check(session)
        run = self._start(session)
        # A process that ends has nobody to resume what rests.
        run.attended = session.in_notebook
        if self.background:
            from .. import panels

            session.runs[run.name] = run
            panels.show(run, viewer=self._shown_by(), quiet=self.quiet, live=self.panel)
            return run
        self._follow(run, session)
        if run.asks:
            warnings.warn(
                f"{run.name} rests: {run.message}; {_ANSWERS.format(name=run.name)}", RunWarning, stacklevel=2
            )
            return run.data()
        return self._value(run, session) if session.in_notebook else self._told_in_shell(run)

    def _check(self, session) -> None:
        if self.append and self.save is None:
            raise InputError("--append goes on with a store; name it with --save")
        if not session.in_notebook and self.background:
            raise InputError("--background is for a notebook; in a shell put & behind the line")

    @abc.abstractmethod
    def _start(self, session) -> Run:
        """The run, going on."""

    def _options(self, session) -> dict[str, Any]:
        """Name of the run, and where it is saved."""
        name = self.name or (self.save.name if self.save else _free_name(self.registered_name, session.runs))
        session.check_run_name(name)
        storing = ("save", "overwrite", "append", "checkpoint_every")
        return {"name": name, **{field: getattr(self, field) for field in storing}}

    def _shown_by(self) -> str:
        """What shows the structure beside the panel."""
        return "none"

    @abc.abstractmethod
    def _value(self, run: Run, session) -> Any:
        """What a run that has ended gives to the notebook."""

    @abc.abstractmethod
    def _told_in_shell(self, run: Run) -> Any:
        """What a run that has ended gives to a shell, which is told where it is."""

    def _follow(self, run: Run, session) -> None:
        follow(run, session, viewer=self._shown_by(), quiet=self.quiet, live=self.panel)


def follow(run: Run, session, *, viewer: str, quiet: bool, live: bool) -> None:
    """Show a run until it ends: in a notebook a panel, in a shell a line of text."""
    from .. import panels

    session.runs[run.name] = run
    if session.in_notebook:
        panels.follow(run, viewer=viewer, quiet=quiet, live=live)
    elif quiet:
        panels.text.wait(run)
    else:
        panels.text.follow(run, sys.stderr)


def _free_name(wanted: str, taken) -> str:
    """`md`, or `md-2` when there is an `md` already."""
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
