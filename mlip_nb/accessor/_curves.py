"""Learning curves."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..results.schema import QUANTITIES
from ._colours import BLUE, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure

_KINDS = ("energy", "force", "stress")


def plot_curves(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Errors against epochs, in training and on frames kept aside."""
    from matplotlib import pyplot

    there = [kind for kind in _KINDS if np.isfinite(dataset[f"training_{kind}_error"].values).any()]
    kinds = there or list(_KINDS)
    figure, axes = pyplot.subplots(1, len(kinds), squeeze=False, figsize=(3.4 * len(kinds), 2.8), layout="constrained")
    pyplot.close(figure)
    for kind, ax in zip(kinds, axes[0], strict=True):
        for name, label, colour in (
            (f"training_{kind}_error", "training", ORANGE),
            (f"{kind}_error", "kept aside", BLUE),
        ):
            if np.isfinite(dataset[name].values).any():
                ax.plot(dataset["epoch"], dataset[name], color=colour, label=label, linewidth=1.2)
        ax.set_yscale("log")
        ax.set_xlabel("epoch")
        ax.set_ylabel(f"RMS error of {kind} ({QUANTITIES[f'{kind}_error'].units})")
        ax.legend(fontsize="small")
        ax.grid(alpha=0.3, which="both")
    return figure
