"""The verbs of `%mlip`, one file each."""

import pkgutil

from ...registry import plugins
from .. import terminal
from ._base import Command, File, Offers, Positional, Variable, commands, terminal_commands

__all__ = ["Command", "File", "Offers", "Positional", "Variable", "command_of", "commands", "verbs"]


def verbs(*, in_notebook: bool) -> list[str]:
    """Names of the verbs: known from file names and entry points, so that listing them imports nothing."""
    paths = [*__path__, *([] if in_notebook else terminal.__path__)]
    ours = (module.name.replace("_", "-") for module in pkgutil.iter_modules(paths) if module.name[0] != "_")
    return sorted({*ours, *(entry.name for entry in plugins("command"))})


def command_of(verb: str) -> type[Command]:
    """The command of a verb."""
    only_terminal = verb in verbs(in_notebook=False) and verb not in verbs(in_notebook=True)
    return terminal_commands[verb] if only_terminal else commands[verb]
