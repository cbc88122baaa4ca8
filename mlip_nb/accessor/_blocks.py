"""Errors of means by the length of blocks."""

import itertools
from typing import TYPE_CHECKING

import xarray as xr

from ._bands import one_picture
from ._colours import COLOURS, GREY

if TYPE_CHECKING:
    import matplotlib.figure


def plot_blocks(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Standard errors by blocks of growing length over that by the statistical inefficiency: they rise to 1."""
    figure, ax = one_picture(5.4)
    for name, colour in zip(dataset["estimator"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(estimator=name)
        ratios = one["block_error"] / one["standard_error"]
        ax.plot(dataset["block_length"], ratios, "o-", color=colour, label=str(name), linewidth=1.2, markersize=3)
    ax.axhline(1, color=GREY, linestyle="--", linewidth=1)
    ax.set_xscale("log", base=2)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("frames of a block")
    ax.set_ylabel("error by blocks / error by inefficiency")
    ax.legend(fontsize="x-small")
    return figure
