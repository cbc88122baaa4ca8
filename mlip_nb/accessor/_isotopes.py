"""Isotopes: ratios against the mass, and in a few lines of text."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..results.schema import QUANTITIES
from ._colours import COLOURS

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

_EFFECT, _RATIO = "equilibrium_isotope_effect", "fractionation_ratio"


def plot_isotopes(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Fractionation ratios by every route against the mass, and where there is a reference the isotope effect."""
    from matplotlib import pyplot

    shown = [(_RATIO, "fractionation_error")]
    shown += [(_EFFECT, f"{_EFFECT}_error")] if _EFFECT in dataset else []
    figure, axes = pyplot.subplots(1, len(shown), squeeze=False, figsize=(4.2 * len(shown), 3), layout="constrained")
    pyplot.close(figure)
    for (name, error), ax in zip(shown, axes[0], strict=True):
        _draw(ax, dataset, name, error)
    return figure


def isotope_lines(dataset: xr.Dataset) -> dict[str, str]:
    """What is substituted, and a line for each mass and route."""
    atoms, kelvin = dataset.attrs["substituted_atoms"], dataset.attrs["temperature"]
    lines = {"substituted": f"{atoms} atoms at {kelvin:g} K; ratios per atom, beyond the classical"}
    light = float(dataset["isotope_mass"][0])
    for place in range(1, dataset.sizes["isotope"]):
        for route in dataset["route"].values:
            found = dataset.isel(isotope=place).sel(route=route)
            if np.isfinite(found[_RATIO]):
                lines[f"{float(found['isotope_mass']):g} over {light:g}, {route}"] = _told(found)
    return lines


def _told(found: xr.Dataset) -> str:
    """The results of one route at one mass."""
    told = f"{float(found[_RATIO]):.5f} ± {float(found['fractionation_error']):.5f}"
    free, error = (1e3 * float(found[name]) for name in ("free_energy_difference", "free_energy_error"))
    told += f", ΔF {free:.3f} ± {error:.3f} meV"
    if _EFFECT in found:
        told += f", isotope effect {float(found[_EFFECT]):.5f} ± {float(found[f'{_EFFECT}_error']):.5f}"
    return told if np.isnan(found["effective_share"]) else f"{told}, {float(found['effective_share']):.0%} of samples"


def _draw(ax: "Axes", dataset: xr.Dataset, name: str, error: str) -> None:
    masses = dataset["isotope_mass"].values
    apart = 0.01 * np.ptp(masses)
    for place, (route, colour) in enumerate(zip(dataset["route"].values, COLOURS, strict=False)):
        # Side by side: routes that agree would hide each other.
        ax.errorbar(
            masses + apart * (place - 1.5),
            dataset[name][place],
            yerr=dataset[error][place],
            fmt="o",
            color=colour,
            label=str(route),
            markersize=4,
            capsize=2,
        )
    ax.set_xlabel("mass (amu)")
    ax.set_ylabel(QUANTITIES[name].long_name.split(":")[0].replace(", over the lightest isotope", ""), wrap=True)
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
