"""Convex hulls, as people draw them."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
"""Of the triangle of three elements."""


def plot_hull(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Formation energies against the composition of two elements, a triangle of three, bars of any other number."""
    from matplotlib import pyplot

    names, count = dataset["potential"].values, dataset.sizes["element"]
    figure, axes = pyplot.subplots(1, len(names), figsize=(4.6 * len(names), 3.4), squeeze=False, layout="constrained")
    pyplot.close(figure)
    draw = {2: _line, 3: _triangle}.get(count, _bars)
    for name, ax in zip(names, axes[0], strict=True):
        draw(ax, dataset.sel(potential=name))
        ax.set_title(str(name), fontsize="medium")
    return figure


def _line(ax: "matplotlib.axes.Axes", one: xr.Dataset) -> None:
    share, energy = one["share"].values[:, 1], 1e3 * one["formation_energy"].values
    stable = one["energy_above_hull"].values == 0
    order = np.argsort(share[stable])
    spread = 1e3 * one["formation_energy_spread"].values
    if np.isfinite(spread).all():
        ax.errorbar(share, energy, yerr=spread, fmt="none", color=GREY, linewidth=1, capsize=2, zorder=1)
    ax.plot(share[stable][order], energy[stable][order], "o-", color=BLUE, label="stable")
    ax.plot(share[~stable], energy[~stable], "D", color=ORANGE, markersize=4, label="above the hull")
    for place in np.flatnonzero(stable):
        ax.annotate(
            str(one["phase"].values[place]),
            (share[place], energy[place]),
            (0, 6),
            textcoords="offset points",
            ha="center",
        )
    ax.set_xlabel(f"part of {one['element'].values[1]}")
    ax.set_ylabel("formation energy (meV/atom)")
    ax.margins(0.1, 0.15)
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)


def _triangle(ax: "matplotlib.axes.Axes", one: xr.Dataset) -> None:
    places, above = one["share"].values @ _CORNERS, 1e3 * one["energy_above_hull"].values
    ax.fill(*_CORNERS.T, fill=False, edgecolor=GREY)
    drawn = ax.scatter(*places[above > 0].T, c=above[above > 0], cmap="viridis_r", marker="D", s=24)
    ax.scatter(*places[above == 0].T, color=BLUE, s=40, zorder=3)
    for place in np.flatnonzero(above == 0):
        ax.annotate(
            str(one["phase"].values[place]), places[place], (5, 5), textcoords="offset points", fontsize="small"
        )
    ax.figure.colorbar(drawn, ax=ax, label="above the hull (meV/atom)", shrink=0.8)
    ax.set_aspect("equal")
    ax.axis("off")


def _bars(ax: "matplotlib.axes.Axes", one: xr.Dataset) -> None:
    above = 1e3 * one["energy_above_hull"].values
    order = np.argsort(above)[::-1]
    ax.barh(one["phase"].values[order], above[order], color=ORANGE)
    ax.set_xlabel("above the hull (meV/atom)")
    ax.grid(alpha=0.3, axis="x")
