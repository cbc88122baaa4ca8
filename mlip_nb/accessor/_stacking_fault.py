"""Stacking-fault energies: a curve, or a surface over a plane."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.interpolate import CubicHermiteSpline, RectBivariateSpline

from ..units import from_internal, to_internal
from ._bands import one_picture
from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_curve(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Rigid and relaxed, the line that has their slopes, too, and the two faults that have names."""
    figure, ax = one_picture(5.2)
    parts, energies = dataset["slide"].values, dataset["fault_energy"].values
    length = float(np.linalg.norm(dataset["slide_translation"]))
    slopes = from_internal(to_internal(1.0, "GPa") * dataset["fault_stress"].values * length, "J/m²")
    fine = np.linspace(0, 1, 400)
    ax.plot(parts, dataset["rigid_fault_energy"], "s", color=GREY, markersize=3, label="rigid")
    ax.plot(fine, CubicHermiteSpline(parts, energies, slopes)(fine), color=BLUE, linewidth=1.2)
    error = dataset.get("fault_energy_model_error")
    ax.errorbar(parts, energies, yerr=error, fmt="o", color=BLUE, markersize=4, capsize=2, label="relaxed")
    for name, marker in (("unstable", "^"), ("stable", "v")):
        at, energy = (float(dataset[f"{name}_fault_{what}"]) for what in ("slide", "energy"))
        if np.isfinite(energy):
            # Rounding below zero is none.
            label = f"{name}, {round(energy, 4) + 0.0:.4f} J/m²"
            ax.plot(at, energy, marker, color=ORANGE, markersize=7, label=label)
    # Rigid atoms on top of atoms would hide all the rest.
    ax.set_ylim(*_TALL * np.array([-0.05, 1]) * max(energies.max(), 1e-9))
    ax.set_xlabel(f"slide (parts of {length:.3f} Å)")
    ax.set_ylabel("fault energy (J/m²)")
    ax.legend(fontsize="small")
    return figure


def plot_map(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Energies over the plane, in Å along the first translation and across it."""
    figure, ax = one_picture(5.2, 4.0)
    first, second = (dataset[name].values for name in ("slide_translation", "slide_translation2"))
    along = first / np.linalg.norm(first)
    across = second - (second @ along) * along
    across /= np.linalg.norm(across)
    parts, fine = dataset["slide"].values, np.linspace(0, 1, 100)
    energies = RectBivariateSpline(parts, dataset["slide2"].values, dataset["fault_energy_map"].values)(fine, fine)
    places = fine[:, None, None] * first + fine[:, None] * second
    filled = ax.contourf(places @ along, places @ across, energies, levels=24, cmap="viridis")
    ax.grid(visible=False)
    figure.colorbar(filled, ax=ax, label="fault energy (J/m²)")
    ax.set_aspect("equal")
    ax.set_xlabel("slide (Å)")
    ax.set_ylabel("slide across (Å)")
    return figure


_TALL = 1.6
"""Height of the picture over the highest relaxed energy."""
