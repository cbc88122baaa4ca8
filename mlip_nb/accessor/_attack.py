"""What an attack has found."""

from typing import TYPE_CHECKING

import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure


def plot_attack(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The objective of each start by iteration, and uncertainty against energy beside what chance gives.

    Where errors are known, they are drawn against the uncertainty, too.
    """
    from matplotlib import pyplot

    panels = [_draw_objectives, _draw_costs, *([_draw_errors] if "true_error" in dataset else [])]
    figure, axes = pyplot.subplots(1, len(panels), figsize=(3.5 * len(panels), 3), layout="constrained")
    pyplot.close(figure)
    for draw, ax in zip(panels, axes, strict=True):
        draw(ax, dataset)
        ax.grid(alpha=0.3)
    return figure


def _draw_objectives(ax: "matplotlib.axes.Axes", dataset: xr.Dataset) -> None:
    ax.plot(dataset["objective"].values, color=BLUE, linewidth=0.8)
    ax.set_xlabel("iteration")
    ax.set_ylabel("objective")


def _draw_costs(ax: "matplotlib.axes.Axes", dataset: xr.Dataset) -> None:
    for prefix, label, colour, marker in _BOTH:
        ax.plot(1e3 * dataset[f"{prefix}energy_rise"], _sigma(dataset, prefix), marker, color=colour, label=label)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set_yscale("log")
    ax.set_xlabel("energy (meV/atom)")
    ax.set_ylabel(f"uncertainty ({dataset.attrs['unit']})")
    ax.legend(fontsize="small")


def _draw_errors(ax: "matplotlib.axes.Axes", dataset: xr.Dataset) -> None:
    for prefix, label, colour, marker in _BOTH:
        ax.plot(_sigma(dataset, prefix), dataset[f"{prefix}true_error"], marker, color=colour, label=label)
    lowest = float(min(_sigma(dataset, prefix).min() for prefix, *_ in _BOTH))
    ax.axline((lowest, lowest), slope=1, color=GREY, linewidth=0.8)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel(f"uncertainty ({dataset.attrs['unit']})")
    ax.set_ylabel("true error of forces (eV/Å)")


# For those who see no colours, too.
_BOTH = (("", "attack", ORANGE, "o"), ("chance_", "random, as long", GREY, "s"))
"""Prefix of the variables, what it stands for, and how it is drawn."""


def _sigma(dataset: xr.Dataset, prefix: str) -> xr.DataArray:
    return dataset["chance_uncertainty" if prefix else "frame_uncertainty"]
