"""`%mlip attach`: back to a run, also after the kernel was restarted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ...errors import InputError, MlipError
from ...results import has_checkpoint, is_being_written
from ...viewers import LiveViewer
from ...workflows import PastRun, Workflow, standing
from .. import panels
from .._tokens import Token
from ..session import is_a
from ._base import Command, File, Offers, Positional, Variable, commands
from ._data import data_of

if TYPE_CHECKING:
    import xarray as xr

Attachable = Annotated[Any, Variable("run, sweep or data"), Offers(lambda session: session.runs), File()]


@commands.register("attach")
class Attach(Command):
    """Open the panel of a run again, also of one in a store from an earlier kernel; with --resume go on with it."""

    run: Annotated[Attachable, Positional("RUN")]
    """Name of a run, a variable that holds a run or a sweep, or a store."""
    resume: bool = False
    """Go on with a run that was stopped or killed, exactly from its last checkpoint, to the end that was planned."""
    background: bool = False
    """With --resume: give the Run at once, and leave the notebook free."""
    viewer: LiveViewer = "mlip"
    """What shows the structure."""

    def execute(self, session) -> Any:
        """The run while it goes on, its Dataset afterwards; those of a sweep by name."""
        run = self._found(session)
        sweep = is_a(run, "sweep")
        if (sweep or is_a(run, "run")) and not run.status.ended:
            panels.show(run, quiet=self.quiet, viewer="none" if sweep else self.viewer)
            return run
        store = Path(run).expanduser() if isinstance(run, (str, Path)) else getattr(run, "store", None)
        if self.resume:
            return self._resumed(store, session)
        if sweep:
            return run.result()
        data = data_of(run, session)
        if store is not None:
            self._show(store, data)
        return data

    def _found(self, session) -> Any:
        """The run of this notebook by its name or its store; else what was given."""
        if not isinstance(self.run, (str, Path)):
            return self.run
        named = Path(self.run).expanduser().resolve()
        stores = (run for run in session.runs.values() if run.store and run.store.resolve() == named)
        return session.runs.get(str(self.run)) or next(stores, self.run)

    def _show(self, store: Path, data: "xr.Dataset") -> None:
        """What the store has, and how to have more."""
        if "params" not in data.attrs or "status" not in data.attrs:
            return
        if is_being_written(store):
            self.say(f"{store}: goes on in another kernel; this is what there is so far")
            return
        try:
            run = PastRun(store, _subject(data))
            panels.show(run, quiet=self.quiet, viewer=self.viewer)
            self.say(f"{store}: {run.message or run.status}; {_how_to_go_on(run)}")
        except (MlipError, LookupError, TypeError, ValueError) as error:
            # Data can be looked at also where nobody knows how they were made.
            self.say(f"{store}: how it was made is not known ({error})")

    def _resumed(self, store: Path | None, session) -> Any:
        """What the verb of the run gives, for the steps that are left."""
        if store is None or not store.exists():
            raise InputError(f"--resume goes on with a store; {self.run!r} has none")
        whole, done = standing(store)
        if done >= whole.total:
            raise InputError(f"{store} is finished; {_appending(whole, store)} goes on further")
        verb = commands[whole.registered_name]
        _check_complete(verb, whole, store)
        values = {"save": store, f"{whole.counts}s": whole.total - done}
        values |= {"viewer": self.viewer} if "viewer" in verb.model_fields else {}
        values |= {"name": self.run} if self.run in session.runs else {}
        flags = ["--append", *["--background"] * self.background, *["--quiet"] * self.quiet]
        words = [Token((word,)) for word in (whole.registered_name, *flags)]
        words += [token for name, value in values.items() for token in (Token((f"--{name}",)), _literal(value))]
        # The line a user would write.
        from .._line import execute_tokens

        return execute_tokens(words, session)


def _literal(value: Any) -> Token:
    """A word that means itself."""
    return Token((str(value),), quoted=True)


def _subject(data: "xr.Dataset") -> Any:
    """What a run worked on, as far as its data tell."""
    if "pbc" not in data.attrs:
        return ()
    known = {"positions", "cell", "number", "mass"} <= set(data.variables) and data.sizes.get("frame")
    return data.mlip.system() if known else None


def _check_complete(verb: type[Command], workflow: Workflow, store: Path) -> None:
    """**Raises:** `InputError` for a verb that needs more than the store to go on, such as data to learn from."""
    for field in verb.fields():
        label = next((mark.label for mark in field.markers if isinstance(mark, Positional)), "")
        if label and field.required:
            told = _appending(workflow, store, label)
            raise InputError(f"--resume: {verb.registered_name} needs its {label} again: {told}")


def _how_to_go_on(run: PastRun) -> str:
    if not has_checkpoint(run.store):
        return (
            f"it has no checkpoint, so %mlip {run.workflow.registered_name} {run.store} begins anew at its last frame"
        )
    if run.done < run.total:
        return f"%mlip attach {run.store} --resume goes on to {run.workflow.counts} {run.total}"
    return f"{_appending(run.workflow, run.store)} goes on further"


def _appending(workflow: Workflow, store: Path, *needed: str) -> str:
    return f"%mlip {' '.join((workflow.registered_name, *needed))} --save {store} --append --{workflow.counts}s N"
