"""The path of an instanton."""

import itertools
from typing import TYPE_CHECKING

import xarray as xr

from ._colours import COLOURS

if TYPE_CHECKING:
    import matplotlib.figure


def plot_orbit(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Potential energy of the beads against the distance along the path; a line for each isotopologue."""
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=(5, 3), layout="constrained")
    pyplot.close(figure)
    for one, colour in zip(dataset["isotopologue"].values, itertools.cycle(COLOURS), strict=False):
        orbit = dataset.sel(isotopologue=one)
        ax.plot(orbit["bead_distance"], orbit["bead_energy"], "o-", color=colour, label=one, markersize=3, linewidth=1)
    ax.set_xlabel("distance along the instanton (amu½ Å)")
    ax.set_ylabel("potential energy (eV)")
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return figure
