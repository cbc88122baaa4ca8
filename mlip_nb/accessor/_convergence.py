"""Energies against the power of 1/P they should fall with."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_convergence(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Each average with its error bars, the straight line through it, and the limit of many beads."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, dataset.sizes["estimator"], figsize=(7, 2.8), layout="constrained")
    pyplot.close(figure)
    order, scale = int(dataset.attrs["order"]), 1e3 / int(dataset.attrs.get("atoms", 1))
    powers = dataset["bead_count"].values.astype(float) ** -order
    for index, ax in enumerate(np.atleast_1d(axes)):
        one = dataset.isel(estimator=index)
        ax.errorbar(powers, scale * one["bead_mean"], scale * one["bead_mean_error"], fmt="o", color=BLUE, capsize=3)
        line = np.array([0.0, powers.max()])
        limit, slope = float(one["bead_limit"]), float(one["bead_slope"])
        ax.plot(line, scale * (limit + slope * line), color=ORANGE, linewidth=1.2)
        error = scale * float(one["bead_limit_error"])
        ax.errorbar([0], [scale * limit], [error], fmt="s", color=ORANGE, capsize=3, label="many beads")
        ax.set_xlabel(f"$1/P^{order}$")
        ax.set_ylabel(f"{str(one['estimator'].values)}\n({'meV/atom' if 'atoms' in dataset.attrs else 'meV'})")
        ax.legend(fontsize="small")
        ax.grid(alpha=0.3)
    return figure
