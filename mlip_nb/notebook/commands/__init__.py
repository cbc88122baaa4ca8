"""The verbs of `%mlip`, one file each."""

import pkgutil
from importlib.metadata import entry_points

from ._base import Command, File, Positional, Variable, commands

__all__ = ["Command", "File", "Positional", "Variable", "commands", "verbs"]


def verbs() -> list[str]:
    """Names of all verbs: known from file names and entry points, so that listing them imports nothing."""
    ours = (module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    return sorted({*ours, *(entry.name for entry in entry_points(group="mlip_nb.command"))})
