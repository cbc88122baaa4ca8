"""Energies along a path."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.interpolate import CubicHermiteSpline

from ._bands import one_picture
from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_path(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Energies of the images, the line that has their slopes, too, and what speaks against the path."""
    figure, ax = one_picture(5.2)
    distance, energy = dataset["path_distance"].values, dataset["path_energy"].values
    fine = np.linspace(distance[0], distance[-1], 400)
    line = CubicHermiteSpline(distance, energy, dataset["path_slope"].values)(fine)
    top = int(np.argmax(energy))
    ax.plot(fine, line, color=BLUE, linewidth=1.2)
    ax.plot(distance, energy, "o", color=BLUE, markersize=5)
    ax.plot(distance[top], energy[top], "o", color=ORANGE, markersize=6, label=f"barrier {energy[top]:.4g} eV")
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_xlabel("distance along the path (Å)")
    ax.set_ylabel("energy (eV)")
    ax.legend(fontsize="small")
    if complaint := dataset.attrs.get("verdict"):
        ax.set_title(complaint, fontsize="small", color=ORANGE)
    return figure
