"""Formation energies of a point defect against the size of the crystal."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure

_SERIES = (
    ("unrelaxed_defect_energy", "unrelaxed", GREY, "s"),
    ("trapped_defect_energy", "relaxed", ORANGE, "D"),
    ("defect_energy", "with displaced starts", BLUE, "o"),
)


def plot_point_defect(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Against 1/atoms, with the line to the infinite crystal and what was expected."""
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=(4.6, 3.4), layout="constrained")
    pyplot.close(figure)
    small = 1 / dataset["supercell"].values
    for name, label, colour, marker in _SERIES:
        ax.plot(small, dataset[name], marker, color=colour, label=label)
    errors = dataset.get("defect_energy_model_error")
    ax.errorbar(small, dataset["defect_energy"], yerr=errors, fmt="none", color=BLUE, capsize=3)
    if "defect_energy_limit" in dataset:
        limit = float(dataset["defect_energy_limit"])
        slope = np.polyfit(small, dataset["defect_energy"].values, 1)[0]
        ax.plot([0, small.max()], [limit, limit + slope * small.max()], color=BLUE, linewidth=1)
    if "expected" in dataset.attrs:
        ax.axhline(float(dataset.attrs["expected"]), color=GREY, linestyle="--", linewidth=1, label="expected")
    ax.set_xlim(0, 1.15 * small.max())
    ax.set_xlabel("1/atoms")
    ax.set_ylabel("formation energy (eV)")
    ax.margins(y=0.2)
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return figure
