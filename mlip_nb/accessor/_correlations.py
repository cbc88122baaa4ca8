"""Correlations in time."""

import itertools
from typing import TYPE_CHECKING

import xarray as xr

from ._bands import draw_band, one_picture
from ._colours import COLOURS, GREY

if TYPE_CHECKING:
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
    draw_band(ax, dataset["lag"] / 1000, dataset["viscosity_integral"], dataset["viscosity_integral_error"])
    plateau = float(dataset["viscosity"])
    ax.axhline(plateau, color=GREY, linestyle="--", linewidth=1, label=f"{plateau:.3g} mPa·s")
    ax.margins(x=0)
    ax.set_xlabel("end of the integral (ps)")
    ax.set_ylabel("viscosity (mPa·s)")
    ax.legend(fontsize="small")
    return figure
