"""Energy of a dislocation by where it is."""

from typing import TYPE_CHECKING

import xarray as xr

from ._bands import one_picture
from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_line(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The images, and the slope that is the Peierls stress."""
    figure, ax = one_picture(5.2)
    position, energy = dataset["line_position"].values, 1e3 * dataset["line_energy"].values
    told = f"$\\tau_P$ = {float(dataset['peierls_stress']):.3g} GPa"
    if "shear_peierls_stress" in dataset:
        told += f", by a load {float(dataset['shear_peierls_stress']):.3g} GPa"
    ax.plot(position, energy, "o-", color=BLUE, markersize=5, linewidth=1.0, label=told)
    top = int(energy.argmax())
    ax.plot(position[top], energy[top], "o", color=ORANGE, markersize=6, label=f"barrier {energy[top]:.4g} meV/Å")
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_xlabel("position of the dislocation (Å)")
    ax.set_ylabel("energy (meV/Å)")
    ax.legend(fontsize="small", loc="lower center")
    return figure
