"""Every parameter of a command and of its chosen parts, as it is written on a line."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..params import Instead, ParamField, Params
from ._defaults import Defaults, Preset
from .commands import Positional
from .commands._base import Alias

Place = tuple[str, ...]
"""Where a value goes: names of fields from the command down into its parts."""


@dataclass(frozen=True)
class Flag:
    """One parameter as it is written on a line."""

    name: str
    place: Place
    field: ParamField
    owner: type[Params]
    preset: Preset | None = None
    """The default that somebody has set in place of the declared one."""

    @property
    def default(self) -> Any:
        """What holds when a line says nothing."""
        return self.preset.value if self.preset else self.field.default

    @property
    def chooses(self) -> bool:
        """True when the value selects a part, whose parameters then become flags."""
        return self.field.part is not None

    @property
    def positional(self) -> Positional | None:
        """How it is called in the usage line, for a value without a flag."""
        return self.marker(Positional)

    @property
    def names(self) -> tuple[str, ...]:
        """`--output`, and `-o` where there is another one."""
        alias = self.marker(Alias)
        return (alias.flag, self.name) if alias else (self.name,)

    @property
    def label(self) -> str:
        """How messages call it: `--every`, or `STRUCTURE`."""
        return self.positional.label if self.positional else self.name

    def marker(self, kind: type) -> Any:
        """The mark of a class, or None."""
        return next((mark for mark in self.field.markers if isinstance(mark, kind)), None)


def flags_of(
    command: type[Params], chosen: Mapping[Place, type[Params] | None], defaults: Defaults | None = None
) -> list[Flag]:
    """The flags of a command, with those of the parts chosen on the line, and the defaults that users have set."""
    flags = list(_walk(command, (), chosen))
    if defaults:
        flags = [replace(flag, preset=defaults.of(flag.place, flag.field)) for flag in flags]
    names = [flag.name for flag in flags if not flag.positional]
    return [_qualified(flag) if names.count(flag.name) > 1 and len(flag.place) > 1 else flag for flag in flags]


def _qualified(flag: Flag) -> Flag:
    """Two parts with one parameter each of the same name: the part's name goes before it."""
    return replace(flag, name="--" + "-".join(flag.place[-2:]).replace("_", "-"))


def in_force(flags: list[Flag], typed: Collection[Place], settled: Collection[Place]) -> list[Flag]:
    """The same without defaults that do not count: of what a given object says (`settled`: where it stands), and of
    what another parameter is given for."""
    presets = {flag.place: flag.preset for flag in flags if flag.preset}

    def counts(flag: Flag) -> bool:
        mark = flag.marker(Instead)
        rival = (*flag.place[:-1], mark.name) if mark else None
        later = rival in presets and presets[rival].rank < flag.preset.rank
        covered = any(flag.place[:length] in settled for length in range(1, len(flag.place) + 1))
        return not (covered or later or (rival in typed and flag.place not in typed))

    return [flag if flag.preset is None or counts(flag) else replace(flag, preset=None) for flag in flags]


def _walk(owner: type[Params], place: Place, chosen: Mapping[Place, type[Params] | None]) -> Iterator[Flag]:
    for declared in owner.fields():
        here = (*place, declared.name)
        if declared.part is None or is_choice(declared.part):
            yield Flag(declared.flag, here, declared, owner)
        if declared.part is not None:
            part = chosen.get(here, default_part(declared))
            yield from _walk(part, here, chosen) if part else ()


def is_choice(part: type[Params]) -> bool:
    """True for a kind of part (`Ensemble`) of which one is chosen by name; a part like `MD` is just there."""
    return part.is_abstract()


def default_part(declared: ParamField) -> type[Params] | None:
    """The class of the part that is there when none is chosen."""
    if not is_choice(declared.part):
        return declared.part
    return type(declared.default) if isinstance(declared.default, Params) else None


def known_flags(flags: list[Flag]) -> dict[str, tuple[Flag, bool]]:
    """Everything that may be written as a flag -> the flag, and whether this spelling switches it off."""
    known = {name: (flag, False) for flag in flags if not flag.positional for name in flag.names}
    on = [flag for flag in flags if flag.field.is_switch and flag.default]
    return known | {flag.name.replace("--", "--no-", 1): (flag, True) for flag in on}
