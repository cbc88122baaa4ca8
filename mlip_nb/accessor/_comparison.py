"""The picture of a set: each number as points with errors, structures side by side, potentials by colour."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..results.schema import SETS
from ._colours import COLOURS, GREY
from ._compared import Number, numbers_of

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

_MARKERS = "osD^vP*"
_WIDTH = 0.5
"""Of a group, whose neighbours are 1 away."""
_COLUMNS = 3
_LONG = 7
"""Letters of a name that has room under its group."""


def plot_comparison(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """One small plot for each number; what has failed is a cross at the bottom."""
    from matplotlib import pyplot

    numbers, groups, series = numbers_of(dataset), _names(dataset, groups=True), _names(dataset, groups=False)
    columns = max(1, min(len(numbers), _COLUMNS))
    rows = max(1, -(-len(numbers) // columns))
    wide = max(2.6, 0.9 + 0.7 * len(groups))
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(columns * wide, 2.6 * rows), squeeze=False, layout="constrained"
    )
    pyplot.close(figure)
    for number, ax in itertools.zip_longest(numbers, axes.ravel()):
        if number is None:
            ax.set_axis_off()
            continue
        _draw(ax, number, dataset, groups, series)
    if len(series) > 1:
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(series), fontsize="small", frameon=False)
    return figure


def _draw(
    ax: "matplotlib.axes.Axes", number: Number, dataset: xr.Dataset, groups: list[str], series: list[str]
) -> None:
    shape = (len(groups), len(series))
    values, errors = number.of(dataset).reshape(shape), number.error_of(dataset).reshape(shape)
    for place, name in enumerate(series):
        across = np.arange(len(groups)) + (_WIDTH * (place / (len(series) - 1) - 0.5) if len(series) > 1 else 0)
        colour, marker = COLOURS[place % len(COLOURS)], _MARKERS[place % len(_MARKERS)]
        bars = np.nan_to_num(errors[:, place])
        ax.errorbar(across, values[:, place], yerr=bars, fmt=marker, color=colour, markersize=5, capsize=3, label=name)
        for gone in across[np.isnan(values[:, place])]:
            ax.plot(gone, 0.04, "x", color=GREY, transform=ax.get_xaxis_transform())
    turned = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if max(map(len, groups)) > _LONG else {}
    ax.set_xticks(range(len(groups)), groups, **turned)
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.set_ylabel(number.label, fontsize="small")
    ax.tick_params(labelsize="small")
    ax.margins(y=0.15)
    ax.grid(alpha=0.3, axis="y")


def _names(dataset: xr.Dataset, *, groups: bool) -> list[str]:
    """What stands side by side: structures, or potentials where there is one structure; and what has a colour."""
    axes = [dim for dim in SETS if dim in dataset.dims]
    wanted = axes[:1] if groups else axes[1:]
    return [str(name) for dim in wanted for name in dataset[dim].values] or [""]
