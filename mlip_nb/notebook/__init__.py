"""The magics `%mlip` and `%%mlip`, and everything a notebook shows."""


def load(shell) -> None:
    """Give an IPython shell the magics, their completion and `%mlip VERB?`."""
    from .magics import load

    load(shell)


def unload(shell) -> None:
    """Take them back."""
    from .magics import unload

    unload(shell)
