"""How a run looks while it goes on: a live panel in a notebook, a line of text anywhere else."""

from typing import TYPE_CHECKING

from . import text
from ._front_end import takes_widgets

if TYPE_CHECKING:
    from ...workflows import Run

__all__ = ["follow", "show", "text"]


def show(run: "Run", *, viewer: str = "mlip", quiet: bool = False, live: bool = True) -> None:
    """Put a run's panel on display and return at once. Call it from the main thread: widgets are made here.

    `viewer` shows the structure beside it: one of `viewers.Viewer`, or `none`. Without `live` there is text only.
    """
    if quiet:
        return
    if live and takes_widgets():
        from ._display import RunDisplay

        RunDisplay(run, viewer).show(run)
    else:
        text.announce(run)


def follow(run: "Run", *, viewer: str = "mlip", quiet: bool = False, live: bool = True) -> None:
    """Show a run and wait for its end. Ctrl-C, or an interrupt of the kernel, stops the run and keeps its data."""
    if quiet:
        text.wait(run)
    elif live and takes_widgets():
        from ._display import RunDisplay

        RunDisplay(run, viewer).follow(run)
    else:
        text.follow(run)
