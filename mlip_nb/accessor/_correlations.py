"""Correlations in time."""

import itertools
from typing import TYPE_CHECKING

import xarray as xr

from ._bands import draw_band, one_picture
from ._colours import BLUE, COLOURS, GREY

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure


def plot_displacement(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Mean square displacement by time on logarithmic axes, where diffusion has slope 1; a band of two errors."""
    figure, ax = one_picture()
    later = dataset.isel(lag=slice(1, None))
    name = "mean_square_displacement"
    for element, colour in zip(dataset["element"].values, itertools.cycle(COLOURS), strict=False):
        one = later.sel(element=element)
        draw_band(ax, later["lag"] / 1000, one[name], one[f"{name}_error"], colour=colour, label=str(element))
    first, last = later["lag"].values[[0, -1]] / 1000
    height = float(later[name].isel(lag=-1).max())
    ax.plot([first, last], [height * first / last, height], color=GREY, linestyle="--", linewidth=1, label="slope 1")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("time (ps)")
    ax.set_ylabel("mean square displacement (Å²)")
    ax.legend(fontsize="small")
    return figure


def plot_velocity(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Velocity autocorrelation by time, divided by its beginning."""
    figure, ax = one_picture()
    name = "velocity_autocorrelation"
    for element, colour in zip(dataset["element"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(element=element)
        scale = float(one[name][0])
        draw_band(
            ax,
            dataset["lag"] / 1000,
            one[name] / scale,
            one[f"{name}_error"] / scale,
            colour=colour,
            label=str(element),
        )
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.margins(x=0)
    ax.set_xlabel("time (ps)")
    ax.set_ylabel("velocity autocorrelation,\nover its beginning")
    ax.legend(fontsize="small")
    return figure


def plot_viscosity(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The integral of the autocorrelation of stress by its end, and the plateau."""
    figure, ax = one_picture()
    _draw_integral(ax, dataset, "viscosity", "mPa·s")
    ax.set_ylabel("viscosity (mPa·s)")
    return figure


def plot_conductivity(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The autocorrelation of the heat flux over its beginning; its integral by its end, and the plateau."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
    pyplot.close(figure)
    memory = dataset["heat_flux_autocorrelation"]
    left.plot(dataset["lag"] / 1000, memory / memory[0], color=BLUE, linewidth=1.2)
    left.axhline(0, color=GREY, linewidth=0.8)
    left.margins(x=0)
    left.set_xlabel("time (ps)")
    left.set_ylabel("autocorrelation of the\nheat flux, over its beginning")
    _draw_integral(right, dataset, "thermal_conductivity", "W/(m·K)")
    right.set_ylabel("thermal conductivity (W/(m·K))")
    for ax in (left, right):
        ax.grid(alpha=0.3)
    return figure


def _draw_integral(ax: "matplotlib.axes.Axes", dataset: xr.Dataset, name: str, unit: str) -> None:
    """By its end, with the plateau that is told."""
    draw_band(ax, dataset["lag"] / 1000, dataset[f"{name}_integral"], dataset[f"{name}_integral_error"])
    plateau = float(dataset[name])
    ax.axhline(plateau, color=GREY, linestyle="--", linewidth=1, label=f"{plateau:.3g} {unit}")
    ax.margins(x=0)
    ax.set_xlabel("end of the integral (ps)")
    ax.legend(fontsize="small")
