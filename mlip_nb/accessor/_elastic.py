"""Elastic constants: the matrix, and Young's modulus by direction."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import COLOURS

if TYPE_CHECKING:
    import matplotlib.figure


def plot_elastic(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The matrix of constants beside Young's modulus (GPa) in the planes of the Cartesian axes."""
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(8, 3.8), layout="constrained")
    pyplot.close(figure)
    _draw_matrix(figure.add_subplot(1, 2, 1), dataset)
    _draw_directions(figure.add_subplot(1, 2, 2, projection="polar"), dataset)
    return figure


def _draw_matrix(ax, dataset: xr.Dataset) -> None:
    constants, names = dataset["elastic_constants"].values, list(dataset["voigt"].values)
    limit = np.abs(constants).max()
    ax.imshow(constants, cmap="RdBu_r", vmin=-limit, vmax=limit)
    errors = dataset.get("elastic_constants_model_error", xr.full_like(dataset["elastic_constants"], np.nan)).values
    for (row, column), value in np.ndenumerate(constants):
        dark = abs(value) > 0.6 * limit
        text = f"{value:.1f}{_below(errors[row, column])}" if abs(value) > 5e-4 * limit else "0"
        ax.text(column, row, text, ha="center", va="center", fontsize="small", color="white" if dark else "black")
    ax.set_xticks(range(6), names)
    ax.set_yticks(range(6), names)
    ax.set_title("elastic constants (GPa)", fontsize="medium")


def _below(error: float) -> str:
    """What members of a committee differ by."""
    return "" if np.isnan(error) else f"\n±{error:.1f}"


def _draw_directions(ax, dataset: xr.Dataset) -> None:
    styles = ("-", "--", ":")
    for index, plane in enumerate(dataset["plane"].values):
        values = dataset["directional_youngs_modulus"].values[index]
        angles = np.radians(dataset["angle"].values)
        ax.plot(angles, values, color=COLOURS[index], linestyle=styles[index], label=str(plane))
    ax.set_rlim(0)
    ax.tick_params(labelsize="small")
    ax.set_title("Young's modulus (GPa)", fontsize="medium")
    ax.legend(fontsize="small", loc="lower left", bbox_to_anchor=(-0.2, -0.1), title="plane")
