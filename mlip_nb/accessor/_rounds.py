"""What active learning has come to."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes


def plot_rounds(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Errors of forces against labels used; and what the potential expected of new structures beside what was true."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 3), layout="constrained")
    pyplot.close(figure)
    _draw(left, dataset, "test_force_error", "test frames", BLUE)
    left.set_xlabel("labels used")
    _draw(right, dataset, "largest_uncertainty", "largest uncertainty", GREY)
    _draw(right, dataset, "chosen_uncertainty", "uncertainty of what was labelled", ORANGE)
    _draw(right, dataset, "explored_force_error", "true error of what was labelled", BLUE)
    right.set_xlabel("labels used, after the round")
    for ax in (left, right):
        ax.set_ylabel("force (eV/Å)")
        ax.set_yscale("log")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3, which="both")
        if ax.get_legend_handles_labels()[0]:
            ax.legend(fontsize="small")
    return figure


def _draw(ax: "Axes", dataset: xr.Dataset, name: str, label: str, colour: str) -> None:
    values = dataset[name].values
    there = np.isfinite(values) & (values > 0)
    if there.any():
        ax.plot(dataset["labels_used"].values[there], values[there], "o-", color=colour, label=label, linewidth=1.2)
