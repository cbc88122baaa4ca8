"""Energies of mixing, and the phase diagram that follows."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..properties.mixing import Mixture
from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure

_TEMPERATURES = 40
"""Of the miscibility gap."""


def plot_mix(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Energies with the fitted curve; beside them spinodal and miscibility gap, where there is one."""
    from matplotlib import pyplot

    mixture, x = Mixture(dataset["redlich_kister"].values), np.linspace(0, 1, 201)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    pyplot.close(figure)
    errors = 1e3 * dataset["mixing_energy_error"].fillna(0)
    left.errorbar(dataset["fraction"], 1e3 * dataset["mixing_energy"], yerr=errors, fmt="o", color=BLUE, capsize=3)
    left.plot(x, 1e3 * mixture.energy(x), color=BLUE, linewidth=1)
    left.axhline(0, color=GREY, linewidth=0.8)
    left.set_ylabel("mixing energy (meV/atom)")
    critical = float(dataset["critical_temperature"])
    if critical > 0:
        gaps = [(t, mixture.gap(t)) for t in critical * np.sin(np.linspace(0.1, 1.55, _TEMPERATURES))]
        there = [(t, *ends) for t, ends in gaps if ends is not None]
        temperatures, low, high = np.array(there).T
        right.plot([*low, *high[::-1]], [*temperatures, *temperatures[::-1]], color=BLUE, label="miscibility gap")
        right.plot(x, mixture.spinodal(x), "--", color=ORANGE, label="spinodal")
        right.legend(fontsize="small")
        right.set_ylim(0, 1.2 * critical)
    else:
        right.text(0.5, 0.5, "mixed at every temperature", ha="center", transform=right.transAxes)
    right.set_ylabel("temperature (K)")
    for ax in (left, right):
        ax.set_xlabel(f"part of {dataset.attrs['elements'].split('-')[1]}")
        ax.set_xlim(0, 1)
        ax.grid(alpha=0.3)
    return figure
