"""Defaults that users set: in this notebook, for a project, for themselves.

What a line says comes first, then `%config MlipMagics`, then `[tool.mlip_nb]` in the nearest pyproject.toml, then the
user's file, then the declaration of the parameter. All have one form: flags of every verb, and a table for each verb.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, unknown
from ..params import ParamField, Params
from ._tokens import Expression, Token
from .commands import Command, Positional, command_of, verbs


@dataclass(frozen=True)
class Preset:
    """A default that somebody has set."""

    value: Any
    origin: str
    """The file, or %config."""
    key: str
    """Where in it."""
    rank: int
    """0 for what comes first."""

    @property
    def label(self) -> str:
        """How messages call it: `pyproject.toml: tool.mlip_nb.md.timestep`."""
        return f"{self.origin}: {self.key}"

    @property
    def word(self) -> Token:
        """As if it had been typed."""
        if isinstance(self.value, (str, int, float)) and not isinstance(self.value, bool):
            return Token((str(self.value),))
        return Token((Expression(repr(self.value)),), value=self.value)


@dataclass(frozen=True)
class _Source:
    """Where defaults stand: the path of the file, and the name of the table in it."""

    origin: str
    table: str
    values: Mapping[str, Any]

    def check(self, command: type[Command]) -> None:
        """**Raises:** `InputError` for a verb, or a flag of this one, that nobody knows."""
        for key, value in self.values.items():
            if isinstance(value, dict):
                self._check_verb(key)
            elif not any(_knows(known, _plain(key)) for known in _this_first(command)):
                raise self._stranger(self.table, key, command)
        for key in self._of(command):
            if not _knows(command, _plain(key)):
                raise self._stranger(_dotted(self.table, command.registered_name), key, command)

    def find(self, command: type[Command], names: Iterable[str], rank: int) -> Preset | None:
        """The default of a flag that has these names: what is said of its verb comes before what is said of all."""
        everybody = {key: value for key, value in self.values.items() if not isinstance(value, dict)}
        own = _dotted(self.table, command.registered_name)
        for table, values in ((own, self._of(command)), (self.table, everybody)):
            written = {_plain(key): key for key in values}
            if key := next((written[name] for name in names if name in written), None):
                return Preset(values[key], self.origin, _dotted(table, key), rank)
        return None

    def _of(self, command: type[Command]) -> Mapping[str, Any]:
        """What is said of one verb."""
        found = (value for key, value in self.values.items() if _plain(key) == _plain(command.registered_name))
        return next((value for value in found if isinstance(value, dict)), {})

    def _check_verb(self, key: str) -> None:
        known = verbs(in_notebook=True) + verbs(in_notebook=False)
        if _plain(key) not in map(_plain, known):
            raise InputError(f"{self.origin}: {_dotted(self.table, key)}: {unknown('verb', key, set(known))}")

    def _stranger(self, table: str, key: str, command: type[Command]) -> InputError:
        close = difflib.get_close_matches(_plain(key), sorted(set(_names(command))), n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        where = "of any verb" if table == self.table else f"of {command.registered_name}"
        return InputError(f"{self.origin}: {_dotted(table, key)} is no flag {where}.{hint} See --help")


class Defaults:
    """The defaults of one verb, from everywhere."""

    def __init__(self, command: type[Command] | None = None, sources: Iterable[_Source] = ()):
        self._command, self._sources = command, list(sources)
        for source in self._sources:
            source.check(command)

    def of(self, place: tuple[str, ...], field: ParamField) -> Preset | None:
        """The default that somebody has set for a parameter; also under the name of its part, `bath_temperature`."""
        if not _has_flag(field):
            return None
        names = ("_".join(place[-2:]), field.name)
        found = (source.find(self._command, names, rank) for rank, source in enumerate(self._sources))
        return next((preset for preset in found if preset), None)


def defaults_of(command: type[Command], config: Mapping[str, Any]) -> Defaults:
    """The defaults of a verb, those of `%config` first.

    **Raises:** `InputError` that names the file, for one that cannot be read and for what nobody knows in it.
    """
    project, user = _project_file(), _user_file()
    sources = [_Source("%config", "MlipMagics", config)] if config else []
    if project is not None:
        values = _table(project, _read(project), "tool", "mlip_nb")
        sources.append(_Source(_short(project), "tool.mlip_nb", values))
    if _is_file(user):
        sources.append(_Source(_short(user), "", _read(user)))
    return Defaults(command, sources)


def _project_file() -> Path | None:
    """The nearest pyproject.toml, from the current folder upwards."""
    folders = (here, *here.parents) if (here := _here()) else ()
    return next((path for folder in folders if _is_file(path := folder / "pyproject.toml")), None)


def _here() -> Path | None:
    """The current folder, unless somebody has deleted it."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _is_file(path: Path) -> bool:
    """False, too, where nobody may look."""
    try:
        return path.is_file()
    except OSError:
        return False


def _user_file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "mlip_nb" / "config.toml"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{_short(path)} cannot be read ({error}); mend it, or take it away") from None


def _table(path: Path, values: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        values = values.get(name, {})
        if not isinstance(values, dict):
            raise InputError(
                f"{_short(path)}: {'.'.join(names)} is no table; write [{'.'.join(names)}] above its lines"
            )
    return values


def _knows(command: type[Command], key: str) -> bool:
    return any(key == name for name in _names(command))


def _this_first(command: type[Command]) -> Iterator[type[Command]]:
    """All verbs. The others are imported only where this one does not know a flag."""
    yield command
    yield from map(command_of, verbs(in_notebook=True))


def _names(owner: type[Params], place: tuple[str, ...] = ()) -> Iterator[str]:
    """Every flag there may be, whatever parts a line chooses; what needs no import first."""
    fields = list(owner.fields())
    for field in fields:
        if _has_flag(field):
            yield from {field.name, "_".join((*place, field.name)[-2:])}
    for field in sorted(fields, key=lambda field: field.part is not None and field.part.is_abstract()):
        for part in _parts(field):
            yield from _names(part, (*place, field.name))


def _has_flag(field: ParamField) -> bool:
    """Not what stands without one, and no part that is just there."""
    positional = any(isinstance(mark, Positional) for mark in field.markers)
    return not positional and (field.part is None or field.part.is_abstract())


def _parts(field: ParamField) -> list[type[Params]]:
    if field.part is None:
        return []
    return [field.part.registry[name] for name in field.part.registry] if field.part.is_abstract() else [field.part]


def _plain(key: str) -> str:
    """Flags and verbs may be written with dashes, as on a line, or with underscores."""
    return key.replace("-", "_")


def _dotted(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key


def _short(path: Path) -> str:
    """As one would write it here."""
    here = _here()
    if here and path.is_relative_to(here):
        return str(path.relative_to(here))
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)
