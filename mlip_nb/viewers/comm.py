"""How our widgets talk to their front ends: they tell their state, and are asked by messages."""

import logging
from typing import Any

import anywidget
import ipywidgets

log = logging.getLogger(__name__)


class Teller(anywidget.AnyWidget):
    """A widget whose state flows to the front end only."""

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What a front end would have it be is not heeded."""
        log.warning("%s was sent a state, which it does not take: %.200r", type(self).__name__, sorted(sync_data))


def answer_while_busy(widget: ipywidgets.Widget) -> None:
    """Let messages to this widget arrive where its front end sends them: on a subshell, also while a cell runs.

    ipykernel 7.4 sends them to the shell that last published on the comm instead, which for a panel that is updated by
    a running cell is the busy one. Kernels that do not do so lack the attribute and are left alone.
    """
    comm = widget.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
