"""Predictions against labels."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import COLOURS, GREY

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

_MOST = 20_000
"""Points of a cloud; more are thinned evenly."""


def plot_parity(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Energies per atom, forces and, where there are labels, stresses; one colour for each potential."""
    from matplotlib import pyplot

    rows = [row for row in _ROWS if np.isfinite(dataset[f"reference_{row[0]}"].values).any()]
    figure, axes = pyplot.subplots(1, len(rows), squeeze=False, figsize=(3.4 * len(rows), 3.4), layout="constrained")
    pyplot.close(figure)
    for (name, label, *error), ax in zip(rows, axes[0], strict=True):
        _draw(ax, dataset, name, *error)
        ax.set_xlabel(f"{label}, label")
        ax.set_ylabel(f"{label}, predicted")
    return figure


def _draw(ax: "matplotlib.axes.Axes", dataset: xr.Dataset, name: str, error: str, scale: float, unit: str) -> None:
    labels = _values(dataset, dataset[f"reference_{name}"])
    for potential, colour in zip(dataset["potential"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(potential=potential)
        predicted = _values(dataset, one[f"predicted_{name}"])
        every = max(1, len(labels) // _MOST)
        told = f"{potential}: RMSE {float(one[error]) * scale:.3g} {unit}"
        ax.plot(labels[::every], predicted[::every], ".", color=colour, markersize=2, alpha=0.5, label=told)
    ends = np.nanmin(labels), np.nanmax(labels)
    ax.plot(ends, ends, color=GREY, linewidth=0.8)
    ax.legend(fontsize="small", loc="upper left", markerscale=4)
    ax.grid(alpha=0.3)


def _values(dataset: xr.Dataset, variable: xr.DataArray) -> np.ndarray:
    per_atom = variable / dataset["frame_atoms"] if variable.dims[-1:] == ("frame",) else variable
    return np.asarray(per_atom.values).ravel()


_ROWS = (
    ("energy", "energy (eV/atom)", "energy_rmse", 1e3, "meV/atom"),
    ("forces", "force (eV/Å)", "force_rmse", 1.0, "eV/Å"),
    ("stress", "stress (GPa)", "stress_rmse", 1.0, "GPa"),
)
"""Name, what the axes say, and quantity, scale and unit of the error."""
