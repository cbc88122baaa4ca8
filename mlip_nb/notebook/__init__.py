"""The magics `%mlip` and `%%mlip`, and everything a notebook shows."""


def this_session():
    """The session of this notebook: its variables, the potential in use, the runs. What `Command.execute` asks for."""
    from .magics import current

    return current()


def load(shell) -> None:
    """Give an IPython shell the magics, their completion and `%mlip VERB?`."""
    from .magics import load

    load(shell)


def unload(shell) -> None:
    """Take them back."""
    from .magics import unload

    unload(shell)
