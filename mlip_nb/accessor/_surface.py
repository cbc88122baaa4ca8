"""Surface energies against the thickness of the slab."""

from typing import TYPE_CHECKING

import xarray as xr

from ._colours import BLUE, GREY

if TYPE_CHECKING:
    import matplotlib.figure


def plot_surface(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Unrelaxed and relaxed, by layers."""
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=(4.2, 3.2), layout="constrained")
    pyplot.close(figure)
    layers = dataset["layers"]
    ax.plot(layers, dataset["unrelaxed_surface_energy"], "s--", color=GREY, label="unrelaxed")
    errors = dataset.get("surface_energy_model_error")
    ax.errorbar(layers, dataset["surface_energy"], yerr=errors, fmt="o-", color=BLUE, label="relaxed")
    ax.set_xticks(layers)
    ax.set_xlabel("layers")
    ax.set_ylabel("surface energy (J/m²)")
    ax.margins(y=0.3)
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return figure
