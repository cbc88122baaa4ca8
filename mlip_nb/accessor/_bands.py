"""Lines with twice their standard error as a band."""

from typing import TYPE_CHECKING

import numpy as np

from ._colours import BLUE

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure


def one_picture(width: float = 4.8, height: float = 3.2) -> tuple["matplotlib.figure.Figure", "matplotlib.axes.Axes"]:
    """A figure that the notebook shows once."""
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
    pyplot.close(figure)
    ax.grid(alpha=0.3)
    return figure, ax


def draw_band(ax: "matplotlib.axes.Axes", x, mean, error, *, colour: str = BLUE, label: str | None = None) -> None:
    """Mean and band."""
    x, mean, error = (np.asarray(values) for values in (x, mean, error))
    ax.fill_between(x, mean - 2 * error, mean + 2 * error, color=colour, alpha=0.25, linewidth=0)
    ax.plot(x, mean, color=colour, linewidth=1.2, label=label)
