"""Uncertainties beside errors."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

_MOST = 20_000
"""Points of a cloud; more are thinned evenly."""


def plot_reliability(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The reliability diagram, before and after calibration, and errors against standard deviations."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
    pyplot.close(figure)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    for stage, colour in zip(dataset["stage"].values, (ORANGE, BLUE), strict=False):
        one = dataset.sel(stage=stage)
        told = f"{stage}: area {float(one['miscalibration_area']):.3f}"
        left.plot(dataset["level"], one["observed_share"], color=colour, label=told)
    left.set_xlabel("share that balls should hold")
    left.set_ylabel("share that they hold")
    left.legend(fontsize="small")
    left.grid(alpha=0.3)
    _cloud(right, dataset)
    return figure


def plot_assessment(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Errors against uncertainties where there are labels, and the largest uncertainty of each frame."""
    from matplotlib import pyplot

    labelled = "site_force_error" in dataset
    figure, axes = pyplot.subplots(1, 1 + labelled, squeeze=False, figsize=(3.5 + 3.5 * labelled, 3.2))
    figure.set_layout_engine("constrained")
    pyplot.close(figure)
    axes[0, 0].plot(dataset["frame_index"], dataset["frame_uncertainty"], "o", color=BLUE, markersize=3)
    axes[0, 0].set_xlabel("frame")
    axes[0, 0].set_ylabel(f"largest uncertainty ({dataset.attrs['unit']})")
    axes[0, 0].grid(alpha=0.3)
    if labelled:
        _cloud(axes[0, 1], dataset)
    return figure


def _cloud(ax: "Axes", dataset: xr.Dataset) -> None:
    """Lengths of errors; three components of one standard deviation have a length of 2.80 at most in 95 of 100."""
    every = max(1, dataset.sizes["site"] // _MOST)
    sigma, error = (dataset[name].values[::every] for name in ("site_uncertainty", "site_force_error"))
    ax.loglog(sigma, error, ".", color=BLUE, markersize=2, alpha=0.4)
    known = sigma[(sigma > 0) & np.isfinite(sigma)]
    if known.size and dataset.attrs["unit"] == "eV/Å":
        ends = np.array([known.min(), known.max()])
        ax.loglog(ends, 2.795 * ends, color=ORANGE, linewidth=1, label="95 % should lie below")
        ax.legend(fontsize="small")
    ax.set_xlabel(f"uncertainty ({dataset.attrs['unit']})")
    ax.set_ylabel("error of the force (eV/Å)")
    ax.grid(alpha=0.3, which="both")
