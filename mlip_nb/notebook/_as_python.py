"""Parameters as the Python that makes them, and a command as the Python that does the same."""

import importlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..params import Params
from ..schedule import FunctionOfTime, Ladder, Schedule
from .commands import Command
from .session import Session

_PLAIN = (type(None), bool, int, float, str)


def as_python(command: Command, session: Session) -> str:
    """The lines that do what a command does, with the imports they need.

    **Raises:** `InputError` for an object that no variable of the notebook holds.
    """
    writer = PythonWriter(session)
    lines = command.as_python(writer)
    return "\n".join([*writer.imports, "", *lines] if writer.imports else lines)


class PythonWriter:
    """Expressions, and the imports they need. Objects are called as the notebook calls them."""

    def __init__(self, session: Session):
        self.session = session
        self._imports: dict[str, set[str]] = {}

    def __call__(self, value: Any) -> str:
        """The expression of a value.

        **Raises:** `InputError` for an object that no variable of the notebook holds.
        """
        if isinstance(value, Params):
            return self._made(value)
        text = literal(value)
        return named(value, self.session) if text is None else text

    def arguments(self, value: Params, only: Collection[str] | None = None) -> str:
        """`steps=50, every=5`: what differs from the defaults."""
        given = self._given(value)
        return ", ".join(f"{name}={self(now)}" for name, now in given.items() if only is None or name in only)

    def imported(self, module: str, name: str) -> str:
        """A name of a module, its import taken down; our public ones under their full name: `mlip_nb.load`."""
        self._imports.setdefault(module, set()).add(name)
        return f"mlip_nb.{name}" if module == "mlip_nb" else name

    def ours(self, name: str) -> str:
        """A public name of ours."""
        return self.imported("mlip_nb", name)

    @property
    def imports(self) -> list[str]:
        """The imports of what was written so far."""
        theirs = {module: names for module, names in sorted(self._imports.items()) if module != "mlip_nb"}
        return [
            *(["import mlip_nb"] if "mlip_nb" in self._imports else []),
            *(f"from {module} import {', '.join(sorted(names))}" for module, names in theirs.items()),
        ]

    def _made(self, value: Params) -> str:
        """The call of its class; the name or the description where the class itself has no name."""
        cls = type(value)
        if home := _home(cls):
            return f"{self.imported(home, cls.__name__)}({self.arguments(value)})"
        fields = {repr(name): self(given) for name, given in self._given(value).items()}
        described = {"'name'": repr(cls.registered_name)} | fields
        return "{" + ", ".join(f"{name}: {text}" for name, text in described.items()) + "}"

    def _given(self, value: Params) -> dict[str, Any]:
        """Values of fields that are not their defaults."""
        found = {field.name: (field, getattr(value, field.name)) for field in type(value).fields()}
        return {name: now for name, (field, now) in found.items() if field.required or not same(now, field.default)}


def literal(value: Any) -> str | None:
    """A plain value, and what consists of such, as Python reads it; None for anything else."""
    if isinstance(value, Schedule):
        return repr("->".join(map(number, value.values)) if value.relative else value.describe())
    if isinstance(value, Ladder):
        return repr(list(value.values))
    if isinstance(value, Path):
        return repr(str(value))
    if isinstance(value, (list, tuple)):
        items = [literal(item) for item in value]
        return None if None in items else _bracketed(value, list(map(str, items)))
    return repr(value) if isinstance(value, _PLAIN) else None


def _bracketed(value: list | tuple, items: list[str]) -> str:
    inside = ", ".join(items)
    return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(items) == 1)})"


def number(value: float) -> str:
    """The shortest text that is read as the same number again."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if float(short) == value else repr(value)


def named(value: Any, session: Session) -> str:
    """What the notebook calls an object.

    **Raises:** `InputError` when no variable holds it.
    """
    held = value.function if isinstance(value, FunctionOfTime) else value
    name = session.name_of(held)
    if name is None:
        kind = type(held).__name__
        raise InputError(f"an object ({kind}) without a name cannot be written down; give it to a variable")
    return name


def same(value: Any, other: Any) -> bool:
    """Whether two values are equal; objects of the notebook, which may hold arrays, only when they are one."""
    comparable = (*_PLAIN, Path, list, tuple, Schedule, Ladder, Params)
    return value is other or (type(value) is type(other) and isinstance(value, comparable) and value == other)


def _home(cls: type) -> str | None:
    """The shortest public module that has the class."""
    parts = cls.__module__.split(".")
    names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return next((name for name in names if getattr(importlib.import_module(name), cls.__name__, None) is cls), None)
