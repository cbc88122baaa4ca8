"""`python -m mlip_nb demo`: the main job, from nothing."""

from ..commands._base import Command, terminal_commands


@terminal_commands.register("demo")
class Demo(Command):
    """A short molecular dynamics run of silicon: writes its Dataset and a picture, and says what to do next."""

    def execute(self, session) -> None:
        """Run it."""
        from ..._demo import run
        from ..panels import text

        run(text.follow)
