"""The two halves of a rate: free energy along the reaction coordinate, and recrossing."""

import itertools
from typing import TYPE_CHECKING

import xarray as xr

from ._colours import COLOURS

if TYPE_CHECKING:
    import matplotlib.figure


def plot_reactive_flux(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Potential of mean force of centroids, and transmission coefficient by time; a line for each number of beads."""
    from matplotlib import pyplot

    figure, (energy, recrossing) = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    pyplot.close(figure)
    for beads, colour in zip(dataset["bead_count"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(bead_count=beads)
        for ax, along, name in ((energy, "window", "potential_of_mean_force"), (recrossing, "delay", "transmission")):
            middle, error = one[name], one[f"{name}_error"]
            ax.plot(one[along], middle, color=colour, label=f"P = {beads}", linewidth=1)
            ax.fill_between(one[along], middle - error, middle + error, color=colour, alpha=0.25, linewidth=0)
    energy.set_xlabel(f"reaction coordinate ({dataset['window'].attrs['units']})")
    energy.set_ylabel("free energy (eV)")
    recrossing.set_xlabel("time (fs)")
    recrossing.set_ylabel("transmission coefficient")
    energy.legend(fontsize="small")
    for ax in (energy, recrossing):
        ax.grid(alpha=0.3)
    return figure
