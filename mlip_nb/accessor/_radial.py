"""How atoms are arranged: distances, angles, neighbours, order."""

import itertools
import json
from typing import TYPE_CHECKING

import xarray as xr

from ._bands import draw_band, one_picture
from ._colours import BLUE, COLOURS, GREY

if TYPE_CHECKING:
    import matplotlib.figure


def plot_radial(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The radial distribution function, with twice its standard error as a band."""
    figure, ax = one_picture()
    draw_band(ax, dataset["distance"], dataset["radial_distribution"], dataset["radial_distribution_error"])
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set_xlabel("distance (Å)")
    ax.set_ylabel(f"g(r), {kind_of(dataset, 'pair')}")
    return figure


def plot_angles(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The angular distribution function, with twice its standard error as a band."""
    figure, ax = one_picture()
    draw_band(ax, dataset["bond_angle"], dataset["angular_distribution"], dataset["angular_distribution_error"])
    ax.set_xticks(range(0, 181, 30))
    ax.set_xlabel("angle (degrees)")
    ax.set_ylabel(f"share per degree, {kind_of(dataset, 'triplet')}")
    return figure


def plot_coordination(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Shares of atoms by how many neighbours they have."""
    figure, ax = one_picture()
    errors = 2 * dataset["coordination_share_error"]
    ax.bar(dataset["neighbour_count"], dataset["coordination_share"], yerr=errors, color=BLUE, capsize=3)
    mean = float(dataset["coordination_number"])
    ax.axvline(mean, color=GREY, linestyle="--", linewidth=1, label=f"mean {mean:.3g}")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("neighbours")
    ax.set_ylabel(f"share of atoms, {kind_of(dataset, 'pair')}")
    ax.legend(fontsize="small")
    return figure


def plot_bond_order(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Order parameters by time."""
    figure, ax = one_picture()
    by_time = "time" in dataset.coords
    x = dataset["time"] / 1000 if by_time else range(dataset.sizes["frame"])
    for degree, colour in zip(dataset["degree"].values, itertools.cycle(COLOURS), strict=False):
        one = dataset.sel(degree=degree)
        ax.plot(x, one["bond_order"], color=colour, linewidth=1.2, label=f"$Q_{{{degree}}}$, all bonds")
        ax.plot(
            x, one["local_bond_order"], color=colour, linewidth=1.2, linestyle=":", label=f"$q_{{{degree}}}$, atoms"
        )
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time (ps)" if by_time else "frame")
    ax.set_ylabel("order parameter")
    ax.legend(fontsize="small", ncols=2)
    return figure


def kind_of(dataset: xr.Dataset, parameter: str) -> str:
    """Elements that were chosen, joined by dashes."""
    elements = json.loads(dataset.attrs.get("params", "{}")).get(parameter)
    return "-".join(elements) if elements else "all atoms"
