"""The text of `--help`, from the declarations of parameters."""

import inspect
import textwrap
from itertools import groupby
from pathlib import Path

from ..params import ParamField, Params
from ._flags import Flag
from .commands import Command, command_of, verbs
from .session import Session

_WIDTH = 100
_INDENT = 30


def overview(session: Session) -> str:
    """The usage line and one line for each verb."""
    lines = [_row(verb, _doc(command_of(verb))[0]) for verb in verbs(in_notebook=session.in_notebook)]
    start = _start(session)
    return "\n".join(
        [
            f"{start} VERB [STRUCTURE] [--flag value ...]",
            "",
            *lines,
            "",
            f"{start} VERB --help tells more{_form_too(session)}.",
        ]
    )


def help_for(command: type[Command], flags: list[Flag], session: Session) -> str:
    """Usage, description, and every flag with its unit, default, choices and meaning, by part."""
    labels = [flag.label for flag in flags if flag.positional]
    usage = " ".join([_start(session), command.registered_name, *labels, "[--flag value ...]"])
    rows = [_row(flag.label, _meaning(flag)) for flag in flags if flag.positional]
    options = [flag for flag in flags if not flag.positional]
    groups = groupby(
        sorted(options, key=lambda flag: _rank(flag, flags)), key=lambda flag: _heading(flag, flags, command)
    )
    sections = [_section(heading, list(members)) for heading, members in groups]
    return "\n\n".join([usage, "\n".join(_doc(command)), *(["\n".join(rows)] if rows else []), *sections])


def _form_too(session: Session) -> str:
    return ", VERB --form shows a form" if session.in_notebook else ""


def _start(session: Session) -> str:
    return "%mlip" if session.in_notebook else "python -m mlip_nb"


def _doc(owner: type[Params]) -> list[str]:
    return (inspect.getdoc(owner) or "").splitlines() or [""]


def _rank(flag: Flag, flags: list[Flag]) -> tuple[int, int]:
    """Parts in their order, then what is the command's own, then what every command has."""
    if flag.field.name in Command.model_fields and len(flag.place) == 1:
        return 2, 0
    if len(flag.place) == 1 and not flag.chooses:
        return 1, 0
    part = flag.place if flag.chooses else flag.place[:-1]
    return 0, next(number for number, other in enumerate(flags) if other.place[: len(part)] == part)


def _heading(flag: Flag, flags: list[Flag], command: type[Command]) -> str:
    if len(flag.place) == 1 and not flag.chooses:
        return "Every verb" if flag.field.name in Command.model_fields else "Options"
    place = flag.place if flag.chooses else flag.place[:-1]
    owners = [other.owner for other in flags if other.place[:-1] == place]
    name = owners[0].registered_name or _doc(owners[0])[0] if owners else ""
    title = "".join(place[-1:]).capitalize()
    return f"{title}: {name}" if name else title


def _section(heading: str, flags: list[Flag]) -> str:
    return "\n".join([f"{heading}", *(_row(_spelling(flag), _meaning(flag)) for flag in flags)])


def _spelling(flag: Flag) -> str:
    names = ", ".join(flag.names)
    if flag.field.is_switch:
        return f"{names}, --no-{flag.name[2:]}" if flag.default else names
    return f"{names} {_value_label(flag.field)}"


def _value_label(field: ParamField) -> str:
    if field.unit:
        return field.unit
    labels = {int: "N", float: "X", Path: "PATH"}
    if field.part or field.choices or field.name == "output":
        return labels.get(field.beside_choices, "NAME")
    return labels.get(field.annotation, "A,B,..." if field.is_sequence else "TEXT")


def _meaning(flag: Flag) -> str:
    field = flag.field
    doc = field.doc.strip()
    choices = ", ".join(map(str, field.choices))
    notes = [f"{'or' if field.beside_choices else 'one of'} {choices}"] if field.choices else []
    if field.part is not None:
        notes.append(f"one of {', '.join(field.part.registry)}")
    notes += _default(flag)
    if field.live is not None:
        notes.append("may be changed while running")
    if field.varies:
        notes.append("low->high over the run, value@time,value@time..., low:high:N for N replicas")
    return f"{doc} [{'; '.join(notes)}]" if notes else doc


def _default(flag: Flag) -> list[str]:
    """The default in force; of one that somebody has set, where it comes from."""
    if flag.preset:
        value = "on" if flag.preset.value is True else "off" if flag.preset.value is False else flag.preset.value
        return [f"default {_plain(value)}, from {flag.preset.label}"]
    default = flag.default.registered_name if isinstance(flag.default, Params) else flag.default
    if default is None or default in ("", (), []) or flag.field.is_switch:
        return []
    return [f"default {_plain(default)}" + (f" {flag.field.unit}" if flag.field.unit else "")]


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _row(left: str, right: str) -> str:
    lines = textwrap.wrap(right, _WIDTH - _INDENT, break_on_hyphens=False) or [""]
    first = f"  {left}".ljust(_INDENT)
    head = [first + lines[0]] if len(first) == _INDENT and not first[-1].strip() else [first, " " * _INDENT + lines[0]]
    return "\n".join([*head, *(" " * _INDENT + line for line in lines[1:])])
