"""Energy by volume."""

from typing import TYPE_CHECKING

import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_eos(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Energies and the fitted curve; pressure by volume, as the stress of the potential has it."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 3), layout="constrained")
    pyplot.close(figure)
    bottom, middle = float(dataset["equilibrium_energy"]), float(dataset["equilibrium_volume"])
    left.plot(dataset["fitted_volume"], 1e3 * (dataset["fitted_energy"] - bottom), color=BLUE, linewidth=1.0)
    left.plot(dataset["sampled_volume"], 1e3 * (dataset["sampled_energy"] - bottom), "o", color=ORANGE, markersize=4)
    left.set_ylabel("energy above the\nminimum (meV/atom)")
    modulus, slope = float(dataset["static_bulk_modulus"]), float(dataset["bulk_modulus_derivative"])
    left.set_title(f"$B$ = {modulus:.2f} GPa, $B'$ = {slope:.2f}", fontsize="medium")
    right.plot(dataset["sampled_volume"], dataset["sampled_pressure"], "o-", color=ORANGE, markersize=4, linewidth=0.8)
    right.axhline(0, color=GREY, linewidth=0.5)
    right.set_ylabel("pressure (GPa)")
    for ax in (left, right):
        ax.axvline(middle, color=GREY, linestyle="--", linewidth=0.8)
        ax.set_xlabel("volume (Å³/atom)")
        ax.grid(alpha=0.3)
    return figure
