"""Distances of atoms."""

from typing import TYPE_CHECKING

import xarray as xr

from ._colours import BLUE, GREY

if TYPE_CHECKING:
    import matplotlib.figure


def plot_radial(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The radial distribution function, with twice its standard error as a band."""
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=(4.5, 3), layout="constrained")
    pyplot.close(figure)
    mean, error = dataset["radial_distribution"], dataset["radial_distribution_error"]
    ax.fill_between(dataset["distance"], mean - 2 * error, mean + 2 * error, color=BLUE, alpha=0.3, linewidth=0)
    ax.plot(dataset["distance"], mean, color=BLUE, linewidth=1.2)
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set_xlabel("distance (Å)")
    ax.set_ylabel(f"g(r), {dataset.attrs['pair']}")
    ax.grid(alpha=0.3)
    return figure
