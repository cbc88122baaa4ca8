"""`%mlip help`: the verbs, or the flags of one."""

from typing import Annotated

from ._base import Command, Offers, Positional, commands


def _verbs(session) -> list[str]:
    from . import verbs

    return verbs(in_notebook=session.in_notebook)


@commands.register("help")
class Help(Command):
    """List the verbs, or tell the flags of one."""

    verb: Annotated[str, Positional("VERB"), Offers(_verbs)] = ""
    """The verb to tell about."""

    def execute(self, session) -> None:
        """Print it."""
        from .._line import execute

        execute(f"{self.verb} --help", session)
