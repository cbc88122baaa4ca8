"""A line as words: text, quoted text, and `{expressions}`; nothing else has a meaning."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InputError


@dataclass(frozen=True)
class Expression:
    """A Python expression between braces."""

    source: str


@dataclass(frozen=True)
class Token:
    """One word. `joined` marks the flag of `--flag=value`, whose value is the next word."""

    pieces: tuple[str | Expression, ...]
    quoted: bool = False
    joined: bool = False
    value: Any = None
    """Of a word that is one expression, once it has been evaluated."""

    @property
    def text(self) -> str:
        """The word as it was meant, braces put back."""
        return "".join(piece if isinstance(piece, str) else f"{{{piece.source}}}" for piece in self.pieces)

    @property
    def is_flag(self) -> bool:
        """True for `--every` and `-o`; `-5` and `'--every'` are values."""
        text = self.text
        return not self.quoted and (text.startswith("--") or (len(text) == 2 and text[0] == "-" and text[1].isalpha()))

    @property
    def expression(self) -> str | None:
        """The source, when the word is one expression and nothing more."""
        only = self.pieces[0] if len(self.pieces) == 1 else None
        return only.source if isinstance(only, Expression) else None

    @property
    def bare(self) -> str | None:
        """The text of a word without quotes and expressions: it may name a variable."""
        return None if self.quoted or any(isinstance(piece, Expression) for piece in self.pieces) else self.text


class Unfinished(InputError):
    """A quote or a brace is open at the end of the line. `fragment` starts with it."""

    def __init__(self, message: str, tokens: list[Token], fragment: str):
        super().__init__(message)
        self.tokens, self.fragment = tokens, fragment


def tokenize(line: str) -> list[Token]:
    """The words of a line.

    Blanks separate words; `"..."` and `'...'` keep them together and mean exactly what they hold.

    **Raises:** `InputError` for a quote or brace that is never closed, or braces that hold no expression.
    """
    tokens, position = [], 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        try:
            token, position = _word(line, position)
        except Unfinished as error:
            raise Unfinished(str(error), tokens, error.fragment) from None
        tokens.append(token)
    return tokens


def shell_tokens(arguments: list[str]) -> list[Token]:
    """The words a shell has split already; it has no notebook to evaluate `{expressions}` in."""
    tokens = []
    for argument in arguments:
        if "{" in argument:
            raise InputError(
                f"{argument!r}: {{expressions}} are evaluated in a notebook; in a shell write the value itself"
            )
        flag, equals, value = argument.partition("=")
        if argument.startswith("--") and equals:
            tokens += [Token((flag,), joined=True), Token((value,))]
        else:
            # A word with blanks was quoted in the shell.
            tokens.append(Token((argument,), quoted=" " in argument))
    return tokens


def evaluated(tokens: list[Token], evaluate: Callable[[str], Any]) -> list[Token]:
    """The same words with their expressions evaluated, each once, from left to right."""
    return [_evaluated(token, evaluate) if token.bare is None else token for token in tokens]


def partial(line: str) -> tuple[list[Token], str]:
    """The finished words of a line, and the beginning of the one at its end (for completion)."""
    try:
        tokens = tokenize(line)
    except Unfinished as error:
        return error.tokens, error.fragment
    if not tokens or line[-1].isspace() or tokens[-1].joined:
        return tokens, ""
    return tokens[:-1], tokens[-1].text


def _evaluated(token: Token, evaluate: Callable[[str], Any]) -> Token:
    if token.expression is not None:
        return replace(token, value=evaluate(token.expression))
    texts = [piece if isinstance(piece, str) else str(evaluate(piece.source)) for piece in token.pieces]
    return replace(token, pieces=("".join(texts),), quoted=True)


def _word(line: str, start: int) -> tuple[Token, int]:
    if line[start] in "'\"":
        return _quoted(line, start)
    pieces: list[str | Expression] = []
    text, position = "", start
    while position < len(line) and not line[position].isspace():
        if line[position] == "{":
            source, position = _expression(line, position)
            pieces += [text, Expression(source)] if text else [Expression(source)]
            text = ""
        elif line[position] == "=" and text.startswith("--") and not pieces:
            return Token((text,), joined=True), position + 1
        else:
            text += line[position]
            position += 1
    return Token((*pieces, text) if text else tuple(pieces)), position


def _quoted(line: str, start: int) -> tuple[Token, int]:
    end = line.find(line[start], start + 1)
    if end < 0:
        raise Unfinished(f"the quote before {line[start + 1 :][:30]!r} is never closed", [], line[start:])
    return Token((line[start + 1 : end],), quoted=True), end + 1


def _expression(line: str, start: int) -> tuple[str, int]:
    # Nested braces and quotes sort themselves out: the end is the first brace that completes an expression.
    end = line.find("}", start)
    if end < 0:
        raise Unfinished(f"the brace before {line[start + 1 :][:30]!r} is never closed", [], line[start:])
    while end >= 0:
        source = line[start + 1 : end].strip()
        if _is_expression(source):
            return source, end + 1
        end = line.find("}", end + 1)
    raise Unfinished(f"{line[start:][:40]!r} is not a Python expression in braces", [], line[start:])


def _is_expression(source: str) -> bool:
    try:
        ast.parse(source, mode="eval")
    except SyntaxError:
        return False
    return True
