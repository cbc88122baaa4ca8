"""`%mlip` and `%%mlip`. Light on purpose: what a line needs is imported when the line runs."""

import re
from weakref import WeakKeyDictionary

from IPython.core.completer import SimpleCompletion, context_matcher
from IPython.core.getipython import get_ipython
from IPython.core.magic import needs_local_scope, no_var_expand

from ._config import MlipMagics, chosen
from ._preload import Preloader
from .session import Session

_MAGIC = re.compile(r"\s*(?:%{1,2}|[^%#]*=\s*%)mlip\s+(?P<line>.*)", re.DOTALL)
_QUESTION = re.compile(r"(?P<line>\s*(?:[\w.]+\s*=\s*)?%{1,2}mlip\s+[\w-]+)\s*\?{1,2}\s*")


class Extension:
    """What `%load_ext mlip_nb` adds to one shell."""

    def __init__(self, shell):
        self.shell = shell
        self._config = MlipMagics(parent=shell)
        self.session = Session(shell.user_ns, lambda: chosen(self._config))
        self._preloader = Preloader(shell)
        self._magic, self._matcher = self._make_magic(), self._make_matcher()

    def add(self) -> None:
        """Register everything."""
        self.shell.register_magic_function(self._magic, "line_cell", "mlip")
        self.shell.configurables.append(self._config)
        self.shell.input_transformers_cleanup.append(question_to_help)
        if self.shell.Completer is not None:
            self.shell.Completer.custom_matchers.append(self._matcher)
        self._preloader.watch()

    def remove(self) -> None:
        """Take everything back; runs that go on keep going."""
        for kind in ("line", "cell"):
            self.shell.magics_manager.magics[kind].pop("mlip", None)
        self.shell.configurables.remove(self._config)
        self.shell.input_transformers_cleanup.remove(question_to_help)
        if self.shell.Completer is not None:
            self.shell.Completer.custom_matchers.remove(self._matcher)
        self._preloader.unwatch()

    def _make_magic(self):
        @no_var_expand
        @needs_local_scope
        def mlip(line, cell=None, local_ns=None):
            """Atomistic simulation with machine-learned interatomic potentials.

            %mlip VERB [STRUCTURE] [--flag value ...] [-o NAME] [--quiet]
            NAME = %mlip VERB ...
            %%mlip VERB ...        the body is Python and runs first: the line may use what it defines

            `%mlip help` lists the verbs, `%mlip VERB --help` the flags of one. A bare word where an object is
            expected is a variable, {expression} is Python, and values may carry a unit (10ps, 2GPa).
            """
            self._preloader.hold()
            from ._line import execute

            if cell is not None:
                run_body(self.shell, cell)
            with self.session.inside(local_ns, cell or ""):
                return execute(line, self.session)

        return mlip

    def _make_matcher(self):
        @context_matcher(identifier="mlip_nb")
        def matcher(context):
            line = line_before(context.full_text, context.cursor_line, context.cursor_position)
            if line is None:
                return {"completions": [], "suppress": False}
            self._preloader.settle()
            from ._complete import complete

            fragment, found = complete(line, self.session)
            completions = [SimpleCompletion(text=text, type="mlip") for text in found]
            return {"completions": completions, "matched_fragment": fragment, "suppress": True, "ordered": True}

        return matcher


def run_body(shell, body: str) -> None:
    """Run the body of a cell in the notebook, as an ordinary cell would."""
    source = shell.transform_cell(body)
    code = shell.compile(source, shell.compile.cache(source), "exec")
    exec(code, shell.user_ns)  # noqa: S102 - the user's own cell


def question_to_help(lines: list[str]) -> list[str]:
    """`%mlip md?` is `%mlip md --help`; IPython would look for a variable named md."""
    return [f"{match['line']} --help\n" if (match := _QUESTION.fullmatch(line)) else line for line in lines]


def line_before(text: str, row: int, column: int) -> str | None:
    """What stands between `%mlip` and the cursor, lines continued by a backslash included; None elsewhere."""
    lines = text.split("\n")
    start = row
    while start > 0 and lines[start - 1].endswith("\\"):
        start -= 1
    before = [line.removesuffix("\\") for line in lines[start:row]]
    match = _MAGIC.fullmatch(" ".join([*before, lines[row][:column]]))
    return match["line"] if match else None


_extensions: WeakKeyDictionary = WeakKeyDictionary()


def load(shell) -> None:
    """Register the magics in a shell; a second time does nothing."""
    if shell not in _extensions:
        _extensions[shell] = Extension(shell)
        _extensions[shell].add()


def current() -> Session:
    """The session of this notebook; outside of one, another each time."""
    shell = get_ipython()
    return _extensions[shell].session if shell in _extensions else Session()


def unload(shell) -> None:
    """Take the magics back."""
    if shell in _extensions:
        _extensions.pop(shell).remove()
