"""How a relaxation converged."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_relaxation(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Enthalpy above the end, force and stress by iteration, on logarithmic scales."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 3), layout="constrained")
    pyplot.close(figure)
    above = dataset["enthalpy"].values - dataset["enthalpy"].values.min()
    left.semilogy(np.where(above > 0, 1e3 * above / dataset.sizes["atom"], np.nan), ".-", color=BLUE)
    left.set_ylabel("enthalpy above the end (meV/atom)")
    right.semilogy(_positive(dataset["largest_force"].values), ".-", color=ORANGE, label="force (eV/Å)")
    if dataset["largest_stress"].values.any():
        right.semilogy(_positive(dataset["largest_stress"].values), ".-", color=GREEN, label="stress (GPa)")
    right.set_ylabel("largest that is left")
    right.legend(fontsize="small")
    for ax in (left, right):
        ax.set_xlabel("iteration")
        ax.grid(alpha=0.3)
    return figure


def _positive(values: np.ndarray) -> np.ndarray:
    """What a logarithm can show."""
    return np.where(values > 1e-12, values, np.nan)
