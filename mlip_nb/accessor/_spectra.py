"""Vibrations by frequency, and order by wave vector."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._bands import draw_band, one_picture
from ._colours import COLOURS, GREY
from ._radial import kind_of

if TYPE_CHECKING:
    import matplotlib.figure

_NEGLIGIBLE = 1e-3
"""Of the highest point of a spectrum: nothing is drawn beyond the last frequency with more."""


def plot_vibrations(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Vibrational density of states of each element."""
    figure, ax = one_picture()
    name = "vibrational_density"
    for element, colour in zip(dataset["element"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(element=element)
        draw_band(ax, dataset["spectral_frequency"], one[name], one[f"{name}_error"], colour=colour, label=str(element))
    highest = dataset[name].max("element").values
    last = np.flatnonzero(highest > _NEGLIGIBLE * highest.max())[-1]
    ax.set_xlim(0, 1.05 * float(dataset["spectral_frequency"][last]))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("frequency (THz)")
    ax.set_ylabel("modes of an atom per THz")
    ax.legend(fontsize="small")
    return figure


def plot_structure_factor(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The structure factor, with twice its standard error as a band."""
    figure, ax = one_picture()
    draw_band(ax, dataset["wave_number"], dataset["structure_factor"], dataset["structure_factor_error"])
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set_xlim(left=0)
    ax.set_xlabel("wave vector (1/Å)")
    ax.set_ylabel(f"S(q), {kind_of(dataset, 'pair')}")
    return figure
