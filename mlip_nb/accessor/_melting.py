"""Two phases side by side: temperatures, and who is where."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_melting(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Temperatures of all runs, with what they tell; order along the third lattice vector by time, of the first run."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
    pyplot.close(figure)
    time = dataset["time"].values / 1000
    runs = dataset["run_temperature"].values.reshape(-1, len(time))
    kept = np.isfinite(dataset["coexistence_temperature"].values).ravel()
    for run, both in zip(runs, kept, strict=True):
        left.plot(time, run, color=BLUE if both else GREY, linewidth=0.6, alpha=0.7)
    melting, error = (float(dataset[f"melting_temperature{ending}"]) for ending in ("", "_error"))
    left.axhline(melting, color=ORANGE, linewidth=1.4, label=f"{melting:.4g} ± {error:.2g} K")
    left.axhspan(melting - 2 * error, melting + 2 * error, color=ORANGE, alpha=0.2, linewidth=0)
    left.margins(x=0)
    left.grid(alpha=0.3)
    left.set_xlabel("time (ps)")
    left.set_ylabel("temperature (K)")
    left.legend(fontsize="small")
    edges = np.linspace(0, 1, dataset.sizes["slab"] + 1)
    ends = np.append(time, 2 * time[-1] - time[-2])
    filled = right.pcolormesh(ends, edges, dataset["slab_order"].values.T, cmap="viridis", vmin=0)
    figure.colorbar(filled, ax=right, label="$Q_6$ of the slab")
    right.set_xlabel("time (ps)")
    right.set_ylabel("height (parts of the cell)")
    return figure
