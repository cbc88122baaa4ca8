"""What a command shows besides its result."""

from typing import Any

from ..session import Session


def show(what: Any, session: Session) -> None:
    """In the notebook as it displays itself, in a shell as text."""
    if not session.in_notebook:
        print(what)
        return
    from IPython.display import display

    display(what)
