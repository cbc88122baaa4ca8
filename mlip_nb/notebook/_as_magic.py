"""A command as the line that says it: what the parser does, backwards."""

import functools
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..params import ParamField, Params
from ..potentials import AbstractPotential
from ..schedule import Ladder, Schedule
from ._as_python import literal, named, number, same
from ._flags import Flag, Place, flags_of, in_force, is_choice
from .commands import Command, Variable
from .commands._base import Recalls
from .session import Session

_PLAIN = re.compile(r"(?!-[-A-Za-z])[\w./:@,+~%^*>-]+")
"""Words that need no quotes: they cannot be taken for flags, and have no blank, brace or quote."""


def as_magic(command: Command, session: Session) -> str:
    """`%mlip md si --steps 50`: what differs from the defaults as they are declared, and from those that users have
    set, so that the line means the same elsewhere.

    **Raises:** `InputError` for an object that no variable of the notebook holds.
    """
    flags = _with_defaults(command, session)
    preset = {flag.place for flag in flags if flag.preset}
    said = dict(differences(command, replaced=preset)) | {place: _at(command, place) for place in preset}
    # The line is read from left to right: what has no flag stands before all flags.
    ordered = sorted((flag for flag in flags if flag.place in said), key=lambda flag: flag.positional is None)
    words = [word for flag in ordered for word in _words(flag, said[flag.place], session)]
    return " ".join(["%mlip", command.registered_name, *words])


def _with_defaults(command: Command, session: Session) -> list[Flag]:
    """The flags of a command, and the defaults that would hold beside what has to be said anyway."""
    flags = flags_of(type(command), dict(_chosen(command, ())), session.defaults(type(command)))
    said = dict(differences(command))
    settled = {place for place, value in said.items() if isinstance(value, AbstractPotential)}
    marks = (flag.marker(Recalls) for flag in flags if _at(command, flag.place) is True)
    recalled = {(name,) for mark in marks if mark for name in mark.fields}
    return in_force(flags, said, settled | recalled)


def _at(command: Params, place: Place) -> Any:
    return functools.reduce(getattr, place, command)


def differences(
    value: Params, start: Params | None = None, place: Place = (), replaced: Collection[Place] = ()
) -> Iterator[tuple[Place, Any]]:
    """Places and values that are not those of `start`; without it, not the defaults of the class.

    A part that is `replaced` is named in any case, and begins as its class does.
    """
    for field in type(value).fields():
        here, now = (*place, field.name), getattr(value, field.name)
        before = getattr(start, field.name) if start else field.default
        if not (field.part and isinstance(now, Params)):
            if (field.required and start is None) or not same(now, before):
                yield here, now
        elif type(now) is type(before) and here not in replaced:
            yield from differences(now, before, here, replaced)
        else:
            yield from [(here, now)] if is_choice(field.part) else []
            yield from differences(now, None, here, replaced)


def _chosen(value: Params, place: Place) -> Iterator[tuple[Place, type[Params] | None]]:
    for field in type(value).fields():
        if field.part is not None:
            here, part = (*place, field.name), getattr(value, field.name)
            yield here, type(part) if isinstance(part, Params) else None
            yield from _chosen(part, here) if isinstance(part, Params) else ()


def _words(flag: Flag, value: Any, session: Session) -> list[str]:
    if flag.positional:
        several = flag.field.is_sequence and isinstance(value, (list, tuple))
        return [_word(flag, one, session) for one in (value if several else [value])]
    if flag.field.is_switch and value is not None:
        off = f"--no-{flag.name[2:]}" if flag.field.default else f"{flag.name}=false"
        return [flag.name if value else off]
    return [flag.names[0], _word(flag, value, session)]


def _word(flag: Flag, value: Any, session: Session) -> str:
    """A value as one word: a name, a text, or an expression in braces."""
    if value is None:
        return "{None}"
    if flag.chooses and isinstance(value, Params):
        return value.registered_name
    if (text := _text(flag.field, value)) is not None:
        return _quoted(text, hidden=flag.marker(Variable) is not None and session.has(text))
    if (written := literal(value)) is not None:
        return f"{{{written}}}"
    name = named(value, session)
    return name if flag.chooses or flag.marker(Variable) else f"{{{name}}}"


def _quoted(text: str, *, hidden: bool) -> str:
    """The text, in quotes where it could mean something else: `hidden` by a variable of that name."""
    if _PLAIN.fullmatch(text) and not hidden:
        return text
    quotes = [quote for quote in "'\"" if quote not in text]
    return f"{quotes[0]}{text}{quotes[0]}" if quotes and text.isprintable() else f"{{{text!r}}}"


def _text(field: ParamField, value: Any) -> str | None:
    """What one types for a value; None where only an expression will do."""
    if isinstance(value, (Schedule, Ladder)):
        return _schedule(value)
    if isinstance(value, (str, Path)):
        return str(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    if isinstance(value, (list, tuple)) and field.is_sequence:
        return _joined(field, [_text(field, item) for item in value])
    return None


def _joined(field: ParamField, items: Sequence[str | None]) -> str | None:
    """Values with commas between, if they are read as the same values again."""
    joined = ",".join(item or "" for item in items)
    return joined if items and field.read(joined) == list(items) else None


def _schedule(value: Schedule | Ladder) -> str | None:
    if isinstance(value, Ladder):
        return None
    if value.relative:
        return "->".join(map(number, value.values))
    return ",".join(f"{number(knot)}@{number(time)}" for time, knot in zip(value.times, value.values, strict=True))
