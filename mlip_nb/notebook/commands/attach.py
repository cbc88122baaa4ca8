"""`%mlip attach`: back to a run, also after the kernel was restarted."""

from pathlib import Path
from typing import Annotated, Any

from ...workflows import workflows
from .. import panels
from ..session import is_a
from ._base import Command, File, Offers, Positional, Variable, commands
from ._data import data_of

Attachable = Annotated[Any, Variable("run, sweep or data"), Offers(lambda session: session.runs), File()]


@commands.register("attach")
class Attach(Command):
    """Open the panel of a run again; of a store from an earlier kernel, give its data and say how to go on."""

    run: Annotated[Attachable, Positional("RUN")]
    """Name of a run, a variable that holds a run or a sweep, or a store."""

    def execute(self, session) -> Any:
        """The run while it goes on, its Dataset afterwards; those of a sweep by name."""
        run = session.runs.get(self.run, self.run) if isinstance(self.run, str) else self.run
        sweep = is_a(run, "sweep")
        if (sweep or is_a(run, "run")) and not run.status.ended:
            panels.show(run, quiet=self.quiet, viewer="none" if sweep else "mlip")
            return run
        if sweep:
            return run.result()
        data = data_of(run, session)
        store = run.store if is_a(run, "run") else run
        if isinstance(store, (str, Path)):
            self.say(_how_to_go_on(str(store), data.attrs))
        return data


def _how_to_go_on(store: str, attributes: dict) -> str:
    status = attributes.get("status", "")
    if status == "running":
        return f"{store}: written by a run of another kernel, or one that was killed; this is what there is so far"
    verb, counts = attributes.get("made_by", "md"), _counts(attributes)
    return f"{store}: {status}; %mlip {verb} --save {store} --append --{counts} N goes on for N {counts} more"


def _counts(attributes: dict) -> str:
    """What the run in a store counts: the name of the flag, too."""
    return f"{workflows.build(attributes['params']).counts}s" if "params" in attributes else "steps"
