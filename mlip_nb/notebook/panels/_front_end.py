"""Who looks at us: a notebook that draws widgets, or a terminal."""

import os
import sys

CHOICE = "MLIP_NB_PANEL"
"""Environment variable that decides where the rule below is wrong: `widget` or `text`."""


def takes_widgets() -> bool:
    """True in a Jupyter kernel. What draws its output cannot be known: a panel carries a picture and a line of text."""
    chosen = os.environ.get(CHOICE, "")
    return chosen == "widget" if chosen in ("widget", "text") else _kernel() is not None


def answers_while_busy() -> bool:
    """True when a kernel can hear a button while a cell runs."""
    return bool(getattr(_kernel(), "_supports_kernel_subshells", False))


def _kernel() -> object | None:
    """The running kernel; a process without IPython has none, and need not import it to know."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None)
