"""What an attack has found."""

from typing import TYPE_CHECKING

import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_attack(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The objective of each start by iteration; uncertainty against energy, beside what chance gives."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 3), layout="constrained")
    pyplot.close(figure)
    left.plot(dataset["objective"].values, color=BLUE, linewidth=0.8)
    left.set_xlabel("iteration")
    left.set_ylabel("objective")
    for prefix, label, colour in (("", "attack", ORANGE), ("chance_", "random, as long", GREY)):
        sigma = dataset["frame_uncertainty" if not prefix else "chance_uncertainty"]
        right.plot(1e3 * dataset[f"{prefix}energy_rise"], sigma, "o", color=colour, label=label, markersize=4)
    right.set_xlabel("energy (meV/atom)")
    right.set_ylabel(f"uncertainty ({dataset.attrs['unit']})")
    right.legend(fontsize="small")
    for ax in (left, right):
        ax.grid(alpha=0.3)
    return figure
