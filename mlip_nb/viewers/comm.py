"""Buttons that answer while a cell runs."""

import ipywidgets


def answer_while_busy(widget: ipywidgets.Widget) -> None:
    """Let messages to this widget arrive where its front end sends them: on a subshell, also while a cell runs.

    ipykernel 7.4 sends them to the shell that last published on the comm instead, which for a panel that is updated by
    a running cell is the busy one. Kernels that do not do so lack the attribute and are left alone.
    """
    comm = widget.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
