"""What a command is: parameters and one verb; and the marks that say how its line is read."""

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict

from ...params import Params, Variable
from ...registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .._as_python import PythonWriter
    from ..session import Session

__all__ = [
    "Alias",
    "Command",
    "File",
    "Offers",
    "Positional",
    "Recalls",
    "Several",
    "Variable",
    "commands",
    "terminal_commands",
]

commands: Registry["Command"] = Registry("command", "mlip_nb.notebook.commands")
"""Every verb known by name."""

terminal_commands: Registry["Command"] = Registry("command", "mlip_nb.notebook.terminal")
"""Verbs of `python -m mlip_nb` that make no sense in a notebook."""


@dataclass(frozen=True)
class Positional:
    """The field is given without a flag; `label` stands for it in the usage line."""

    label: str


@dataclass(frozen=True)
class Offers:
    """Words that completion proposes for the value."""

    names: "Callable[[Session], Iterable[str]]"


@dataclass(frozen=True)
class File:
    """The value may be the path of a file; completion offers them."""


@dataclass(frozen=True)
class Several:
    """The value may be words with commas between, which the command reads itself."""


@dataclass(frozen=True)
class Alias:
    """The field has another flag too."""

    flag: str


@dataclass(frozen=True)
class Recalls:
    """Where this switch is on, these fields are what a store says, unless the line does: no default counts."""

    fields: tuple[str, ...]


def _identifier(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no name for a variable; use letters, digits and underscores")
    return name


class Command(Params):
    """One verb of `%mlip`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    registry: ClassVar[Registry] = commands

    output: Annotated[Annotated[str, AfterValidator(_identifier)] | None, Alias("-o")] = None
    """Name of the notebook variable that takes the result."""
    quiet: bool = False
    """Print no progress and no remarks."""

    def execute(self, session: "Session") -> Any:
        """Do it; the value goes to `-o NAME`, or is the value of the line."""
        raise NotImplementedError

    def as_python(self, write: "PythonWriter") -> list[str]:
        """Lines of Python that do the same."""
        session = write.imported("mlip_nb.notebook", "this_session")
        target = f"{self.output} = " if self.output else ""
        return [f"command = {write(self)}", f"{target}command.execute({session}())"]

    def say(self, text: str) -> None:
        """Print a remark, unless `--quiet`."""
        if not self.quiet:
            print(text)
