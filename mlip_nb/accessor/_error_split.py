"""Parts of an error against the number of beads."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure

_PARTS = (("curvature_error", "curvature", ORANGE, "s--"), ("bead_error", "beads", BLUE, "o-"))


def plot_error_split(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Of the kinetic energy: by curvature, by beads, and both together; a panel for each potential."""
    from matplotlib import pyplot

    names, scale = dataset["potential"].values, 1e3 / int(dataset.attrs["atoms"])
    figure, axes = pyplot.subplots(1, len(names), figsize=(3.6 * len(names), 2.8), squeeze=False, layout="constrained")
    pyplot.close(figure)
    kinetic = dataset.isel(estimator=dataset["estimator"].values.tolist().index("kinetic energy"))
    for name, ax in zip(names, axes[0], strict=True):
        one = kinetic.sel(potential=name)
        for part, label, colour, style in (*_PARTS, ("nuclear_error", "sum", GREEN, "^-.")):
            ax.plot(one["bead_count"], scale * one[part], style, color=colour, label=label, linewidth=1.2)
        ax.set_xscale("log", base=2)
        ax.set_xticks(one["bead_count"].values, labels=np.char.mod("%d", one["bead_count"].values))
        ax.set_xlabel("beads")
        ax.set_ylabel("error of kinetic energy\n(meV/atom)")
        ax.set_title(str(name), fontsize="medium")
        ax.legend(fontsize="small")
        ax.grid(alpha=0.3)
    return figure
