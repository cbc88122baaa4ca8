"""Diffusion: displacements by time, and coefficients by temperature."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..units import to_internal
from ._bands import draw_band
from ._colours import COLOURS

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure


def plot_diffusion(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Mean square displacements, from dark to light with the replicas; where there is one, the Arrhenius line."""
    from matplotlib import pyplot

    count = 2 if "activation_energy" in dataset else 1
    figure, axes = pyplot.subplots(1, count, figsize=(4.4 * count, 3.2), layout="constrained", squeeze=False)
    pyplot.close(figure)
    _draw_displacements(axes[0, 0], dataset)
    if count > 1:
        _draw_arrhenius(axes[0, 1], dataset)
    for ax in axes[0]:
        ax.grid(alpha=0.3)
        ax.legend(fontsize="x-small")
    return figure


def _draw_displacements(ax: "matplotlib.axes.Axes", dataset: xr.Dataset) -> None:
    from matplotlib import colormaps

    copies, elements = dataset.sizes["replica"], dataset["element"].values
    by_replica = copies > 1 and "mean_temperature" in dataset
    for index, (place, element) in itertools.product(range(copies), enumerate(elements)):
        one = dataset.isel(replica=index, element=place)
        colour = colormaps["viridis"](index / max(copies, 2)) if by_replica else COLOURS[place % len(COLOURS)]
        label = f"{element}, {float(one['mean_temperature']):.0f} K" if by_replica else str(element)
        curves = one["replica_displacement"], one["replica_displacement_error"]
        draw_band(ax, dataset["lag"] / 1000, *curves, colour=colour, label=label)
    ax.margins(x=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time (ps)")
    ax.set_ylabel("mean square displacement (Å²)")


def _draw_arrhenius(ax: "matplotlib.axes.Axes", dataset: xr.Dataset) -> None:
    inverse = 1000 / dataset["mean_temperature"].values
    line = np.linspace(inverse.min(), inverse.max(), 50)
    for place, colour in zip(range(dataset.sizes["element"]), itertools.cycle(COLOURS), strict=False):
        one = dataset.isel(element=place)
        energy, prefactor = float(one["activation_energy"]), float(one["diffusion_prefactor"])
        points = one["diffusion_coefficient"], 2 * one["diffusion_coefficient_error"]
        label = f"{str(one['element'].values)}: {energy:.3g} ± {float(one['activation_energy_error']):.1g} eV"
        ax.errorbar(inverse, *points, fmt="o", markersize=4, capsize=3, color=colour, label=label)
        ax.plot(line, prefactor * np.exp(-energy / to_internal(1000.0, "K") * line), color=colour, linewidth=1.2)
    ax.set_yscale("log")
    ax.set_xlabel("1000 K / temperature")
    ax.set_ylabel("coefficient of diffusion (cm²/s)")
