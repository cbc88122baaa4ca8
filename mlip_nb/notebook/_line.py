"""One line, from its text to its value."""

from typing import Any

from ._help import help_for, overview
from ._parser import find_verb, parse, read
from ._tokens import Token, tokenize
from .session import Session


def execute(line: str, session: Session) -> Any:
    """Do what a line says. The value, unless it went to `-o NAME`."""
    return execute_tokens(tokenize(line), session)


def execute_tokens(tokens: list[Token], session: Session) -> Any:
    """The same, for words that a shell has split already."""
    if not tokens or wants_help(tokens[0]):
        return print(overview(session))
    command, rest = find_verb(tokens[0].text, session), tokens[1:]
    if any(wants_help(token) for token in rest):
        return print(help_for(command, read(command, rest, session).flags, session))
    parsed = parse(command, rest, session)
    if parsed.output is not None:
        session.check_store(parsed.output)
    value = parsed.execute(session)
    if parsed.output is None:
        return value
    return session.store(parsed.output, value)


def wants_help(token: Token) -> bool:
    """True for `--help` and `-h`."""
    return token.is_flag and token.text in ("--help", "-h")
