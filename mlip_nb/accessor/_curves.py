"""Learning curves."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..results.schema import QUANTITIES
from ._colours import BLUE, COLOURS, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

_KINDS = ("energy", "force", "stress")


def plot_curves(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Errors against epochs, in training and on frames kept aside."""
    from matplotlib import pyplot

    there = [kind for kind in _KINDS if np.isfinite(dataset[f"training_{kind}_error"].values).any()]
    kinds = there or list(_KINDS)
    figure, axes = pyplot.subplots(1, len(kinds), squeeze=False, figsize=(3.4 * len(kinds), 2.8), layout="constrained")
    pyplot.close(figure)
    for kind, ax in zip(kinds, axes[0], strict=True):
        for name, label, colour in (
            (f"training_{kind}_error", "training", ORANGE),
            (f"{kind}_error", "kept aside", BLUE),
        ):
            if np.isfinite(dataset[name].values).any():
                marker = "o" if dataset.sizes["frame"] == 1 else ""
                ax.plot(dataset["epoch"], dataset[name], color=colour, label=label, linewidth=1.2, marker=marker)
        _errors_of(kind, ax, "epoch")
    return figure


def plot_learning(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Errors against how many frames were learned from, one line for each start."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
    pyplot.close(figure)
    for kind, ax in zip(("energy", "force"), axes, strict=True):
        for potential, colour in zip(dataset["potential"].values, itertools.cycle(COLOURS), strict=False):
            errors = dataset[f"learned_{kind}_rmse"].sel(potential=potential)
            ax.plot(dataset["training_frames"], errors, "o-", color=colour, label=potential, linewidth=1.2)
        ax.set_xscale("log")
        _errors_of(kind, ax, "frames learned from")
    return figure


def _errors_of(kind: str, ax: "Axes", against: str) -> None:
    ax.set_yscale("log")
    ax.set_xlabel(against)
    ax.set_ylabel(f"RMS error of {kind} ({QUANTITIES[f'{kind}_error'].units})")
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3, which="both")
