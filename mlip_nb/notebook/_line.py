"""One line, from its text to its value."""

from typing import Any

from ..errors import InputError
from ..params import ParamField
from ._help import help_for, overview
from ._parser import find_verb, parse, read
from ._tokens import Token, tokenize
from .commands import Command, Variable
from .session import Session, is_a


def execute(line: str, session: Session) -> Any:
    """Do what a line says. The value, unless it went to `-o NAME`."""
    return execute_tokens(tokenize(line), session)


def execute_tokens(tokens: list[Token], session: Session) -> Any:
    """The same, for words that a shell has split already."""
    if not tokens or wants_help(tokens[0]):
        return print(overview(session))
    command, rest = find_verb(tokens[0].text, session), tokens[1:]
    if any(wants_help(token) for token in rest):
        return print(help_for(command, read(command, rest, session, session.defaults(command)).flags, session))
    if any(token.is_flag and token.text == "--form" for token in rest):
        return _form_of(command, rest, session)
    return _carry_out(parse(command, rest, session), session)


def wants_help(token: Token) -> bool:
    """True for `--help` and `-h`."""
    return token.is_flag and token.text in ("--help", "-h")


def _carry_out(command: Command, session: Session) -> Any:
    if command.output is not None:
        session.check_store(command.output)
    value = command.execute(session)
    return value if command.output is None else session.store(command.output, value)


def _form_of(command: type[Command], words: list[Token], session: Session) -> Any:
    """Boxes instead of flags; their Run button does what the line would."""
    if not session.in_notebook:
        raise InputError("--form is for a notebook; in a shell --help tells the flags")
    if len(words) > 1:
        raise InputError(f"--form stands alone, as in %mlip {command.registered_name} --form; fill in the rest there")
    from IPython.display import display

    from ._as_magic import as_magic
    from ._as_python import as_python
    from ._form import form

    def run(filled: Command) -> None:
        value = _carry_out(filled, session)
        if value is not None:
            display(value)

    def read(field: ParamField, text: str) -> Any:
        marks = [mark for mark in field.markers if isinstance(mark, Variable)]
        if marks and session.has(text) and is_a(session.variable(text), marks[0].kind):
            return session.variable(text)
        return field.read(text)

    texts = {"copy as magic": as_magic, "copy as Python": as_python}
    writers = {label: lambda filled, write=write: write(filled, session) for label, write in texts.items()}
    return form(command, run, read=read, texts=writers, defaults=session.defaults(command))
