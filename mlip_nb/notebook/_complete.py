"""What Tab offers: verbs, flags, choices, files and notebook variables of the right type."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import InputError, MlipError
from ._defaults import Defaults
from ._flags import Flag, known_flags
from ._parser import Reading, find_verb, read
from ._tokens import partial
from .commands import Command, File, Offers, Variable, verbs
from .session import Session


def complete(line: str, session: Session) -> tuple[str, list[str]]:
    """The beginning of a word at the end of `line`, and every word it may become. Evaluates nothing."""
    tokens, fragment = partial(line)
    try:
        if not tokens:
            found = verbs(in_notebook=session.in_notebook)
        else:
            command = find_verb(tokens[0].text, session)
            found = _after(read(command, tokens[1:], session, _defaults(command, session)), fragment, session)
    except MlipError:
        return fragment, []
    return fragment, [word for word in dict.fromkeys(found) if _begins(word, fragment)]


def _defaults(command: type[Command], session: Session) -> Defaults:
    """Those that users have set; none where a file has a mistake, which the line itself will tell."""
    try:
        return session.defaults(command)
    except InputError:
        return Defaults()


def _begins(word: str, fragment: str) -> bool:
    """True too for a path that gets its quotes only now."""
    return word.startswith(fragment) or (word[:1] == "'" and word[1:].startswith(fragment))


def _after(reading: Reading, fragment: str, session: Session) -> Iterable[str]:
    if reading.pending is not None:
        return _values(reading.pending, fragment, session)
    if fragment.startswith("-"):
        return _free_flags(reading)
    free = [flag for flag in reading.flags if flag.positional and _takes_more(flag, reading)]
    values = list(_values(free[0], fragment, session)) if free else []
    return values if fragment else [*values, *_free_flags(reading)]


def _takes_more(flag: Flag, reading: Reading) -> bool:
    return flag.place not in reading.words or flag.field.is_sequence


def _free_flags(reading: Reading) -> list[str]:
    known = known_flags(reading.flags)
    return sorted(name for name, (flag, _) in known.items() if flag.place not in reading.words and name[:2] == "--") + [
        "--form",
        "--help",
    ]


def _values(flag: Flag, fragment: str, session: Session) -> Iterator[str]:
    yield from map(str, flag.field.choices)
    if flag.chooses:
        yield from flag.field.part.registry
    if variable := flag.marker(Variable):
        yield from session.variables(variable.kind)
    if offers := flag.marker(Offers):
        yield from offers.names(session)
    if flag.field.is_switch:
        yield from ("true", "false")
    if flag.marker(File) or flag.field.annotation is Path:
        yield from _files(fragment)


def _files(fragment: str) -> Iterator[str]:
    """Paths that begin like the fragment; those with blanks or braces in quotes."""
    quote = fragment[:1] if fragment[:1] in ("'", '"') else ""
    folder, start = os.path.split(fragment.removeprefix(quote) if quote else fragment)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
            path = os.path.join(folder, entry.name) if folder else entry.name
            inner = entry.is_dir() and not entry.name.endswith(".zarr")
            yield _spelled(path + "/" * inner, quote, closed=not inner)


def _spelled(path: str, quote: str, *, closed: bool) -> str:
    quote = quote or ("'" if re.search(r"[\s{'\"]", path) else "")
    return f"{quote}{path}{quote if closed else ''}"
