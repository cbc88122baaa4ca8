"""Errors a user can act on: the thing, the value, the next action, in one line."""

import difflib
from collections.abc import Iterable


class MlipError(Exception):
    """Something the user can fix. IPython shows the message alone; scripts see the traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class InputError(MlipError, ValueError):
    """An argument, a name or a structure that cannot be used as it is."""


class ParameterError(InputError):
    """Parameters out of range or missing. `mistakes` are pairs of name and message, one for each."""

    def __init__(self, mistakes: list[tuple[str, str]]):
        super().__init__(mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "; ".join(f"{name}: {message}" if name else message for name, message in self.mistakes)


class SimulationError(MlipError, RuntimeError):
    """A run that cannot go on: what happened, where, since when, what to try."""


class TrainingError(MlipError, RuntimeError):
    """A training that cannot go on; what was best so far is kept."""


class StorageError(MlipError, OSError):
    """A store that cannot be written or read."""


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name nobody registered, with the nearest known one."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return InputError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known) or 'none'}.")


class RunWarning(UserWarning):
    """A run that ended early: its data are kept, and its `message` says why it stopped."""
