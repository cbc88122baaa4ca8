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
    left.set_ylabel("enthalpy above\nthe end (meV/atom)")
    for name, label, colour in (("force", "force (eV/Å)", ORANGE), ("stress", "stress (GPa)", GREEN)):
        if np.isfinite(values := _positive(dataset[f"largest_{name}"].values)).any():
            right.semilogy(values, ".-", color=colour, label=label)
    right.set_ylabel("largest that is left")
    if right.lines:
        right.legend(fontsize="small")
    for ax in (left, right):
        ax.set_xlabel("iteration")
        ax.grid(alpha=0.3)
    return figure


def _positive(values: np.ndarray) -> np.ndarray:
    """What a logarithm can show."""
    return np.where(values > 1e-12, values, np.nan)
