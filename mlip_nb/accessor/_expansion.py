"""A crystal that expands: Grüneisen parameters, and the quasi-harmonic approximation."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE
from ._phonons import draw_bands

if TYPE_CHECKING:
    import matplotlib.figure

_ISOTHERMS = 6


def plot_gruneisen(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Parameters along the path of bands; linear expansion by temperature."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.4), width_ratios=(3, 2), layout="constrained")
    pyplot.close(figure)
    # Branches cross: points, not lines that would join others.
    draw_bands(left, dataset, "gruneisen_parameter", linestyle="", marker=".", markersize=2)
    left.set_ylabel("Grüneisen parameter")
    _draw_expansion(right, dataset)
    return figure


def plot_qha(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Free energy by volume at several temperatures with its minima; expansion; heat capacity and bulk modulus."""
    from matplotlib import pyplot

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(10, 3.3), layout="constrained")
    pyplot.close(figure)
    _draw_isotherms(left, dataset)
    _draw_expansion(middle, dataset)
    temperature = dataset["harmonic_temperature"]
    right.plot(temperature, dataset["pressure_heat_capacity"], color=ORANGE)
    right.axhline(3, color=GREY, linestyle="--", linewidth=0.8)
    right.set_xlabel("temperature (K)")
    right.set_ylabel("$C_P$ ($k_B$/atom)", color=ORANGE)
    modulus = right.twinx()
    modulus.plot(temperature, dataset["thermal_bulk_modulus"], color=BLUE)
    modulus.set_ylabel("bulk modulus (GPa)", color=BLUE)
    right.grid(alpha=0.3)
    return figure


def plot_axes(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Expansion along each lattice vector; their lengths over those at 0 K."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.3), layout="constrained")
    pyplot.close(figure)
    temperature, lengths = dataset["harmonic_temperature"], dataset["thermal_lengths"].values
    for vector, style in zip("abc", ("-", "--", ":"), strict=True):
        expansion = 1e6 * dataset["axial_expansion"].sel(vector=vector)
        left.plot(temperature, expansion, style, label=f"along {vector}")
        column = lengths[:, "abc".index(vector)]
        right.plot(temperature, 100 * (column / column[0] - 1), style, label=f"{vector}, {column[0]:.4f} Å at 0 K")
    left.set_ylabel("linear expansion (10⁻⁶/K)")
    right.set_ylabel("growth since 0 K (%)")
    for ax in (left, right):
        ax.set_xlabel("temperature (K)")
        ax.legend(fontsize="small")
        ax.grid(alpha=0.3)
    return figure


def _draw_isotherms(ax, dataset: xr.Dataset) -> None:
    from matplotlib import colormaps

    volumes, energies = dataset["sampled_volume"].values, dataset["sampled_free_energy"].values
    shown = np.linspace(0, dataset.sizes["harmonic_temperature"] - 1, _ISOTHERMS).astype(int)
    for rank, place in enumerate(shown):
        colour = colormaps["viridis"](0.9 * rank / _ISOTHERMS)
        label = f"{float(dataset['harmonic_temperature'][place]):.0f} K"
        bottom = float(dataset["gibbs_energy"][place])
        ax.plot(volumes, 1e3 * (energies[:, place] - bottom), ".-", color=colour, linewidth=0.8, label=label)
        ax.plot(float(dataset["thermal_volume"][place]), 0, "x", color=colour)
    ax.set_xlabel("volume (Å³/atom)")
    ax.set_ylabel("free energy above\nits minimum (meV/atom)")
    ax.legend(fontsize="x-small")
    ax.grid(alpha=0.3)


def _draw_expansion(ax, dataset: xr.Dataset) -> None:
    ax.plot(dataset["harmonic_temperature"], 1e6 * dataset["thermal_expansion"] / 3, color=BLUE)
    ax.axhline(0, color=GREY, linewidth=0.5)
    ax.set_xlabel("temperature (K)")
    ax.set_ylabel("linear expansion (10⁻⁶/K)")
    ax.grid(alpha=0.3)
