"""The picture of a run: what was constant, what moved, and how well energy was kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..errors import InputError
from ..results.schema import QUANTITIES
from ._colours import BLUE, GREEN, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

_FEMTOSECONDS_SHOWN = 10_000
"""Longer runs are drawn in ps."""


@dataclass(frozen=True)
class _Row:
    """One small plot: the variables it needs, and how it draws them."""

    needs: tuple[str, ...]
    draw: Callable[["matplotlib.axes.Axes", np.ndarray, xr.Dataset], None]
    shown: Callable[[xr.Dataset], bool] = lambda dataset: True


def plot_series(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Temperature, energies, conserved quantity, pressure and volume against time; one row each, if they are there.

    Replicas have a line each, from dark to light; of energies the mean is drawn.

    **Raises:** `InputError` when there is no time series to draw.
    """
    rows = [row for row in _ROWS if set(row.needs) <= set(dataset.variables) and row.shown(dataset)]
    if not rows or "time" not in dataset:
        raise InputError("this Dataset has no time series to plot; run something that stores frames first")
    # Through pyplot, which teaches a notebook to show figures; closed, or the notebook would show it twice.
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(rows), 1, sharex=True, squeeze=False, figsize=(7, 0.6 + 1.7 * len(rows)), layout="constrained"
    )
    pyplot.close(figure)
    time, label = _time_axis(dataset)
    for row, ax in zip(rows, axes[:, 0], strict=True):
        row.draw(ax, time, dataset)
        ax.grid(alpha=0.3)
        ax.margins(x=0)
    axes[-1, 0].set_xlabel(label)
    return figure


def since_start(dataset: xr.Dataset, energy: str) -> np.ndarray:
    """How much an energy has changed since the first frame, meV/atom; the mean of all replicas."""
    values = dataset[energy].values
    values = values.mean(axis=1) if values.ndim == 2 else values
    return 1e3 * (values - values[0]) / dataset.sizes["atom"]


def _time_axis(dataset: xr.Dataset) -> tuple[np.ndarray, str]:
    time = dataset["time"].values
    if np.ptp(time) > _FEMTOSECONDS_SHOWN:
        return time / 1000, "time (ps)"
    return time, "time (fs)"


def _draw_temperature(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    _draw_one("temperature", ax, time, dataset)
    if "replica" in dataset["temperature"].dims:
        return
    mean = float(dataset["temperature"].mean())
    ax.axhline(mean, color=GREY, linestyle="--", linewidth=1, label=f"mean {mean:.1f} K")
    _legend(ax)


def _draw_energies(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    # For those who see no colours, too.
    styles = {"potential_energy": (BLUE, "-"), "kinetic_energy": (ORANGE, "--"), "total_energy": (GREEN, "-.")}
    for name, (colour, style) in styles.items():
        label = name.removesuffix("_energy")
        ax.plot(time, since_start(dataset, name), color=colour, linestyle=style, linewidth=1.2, label=label)
    ax.set_ylabel("energy since start\n(meV/atom)")
    _legend(ax)


def _draw_drift(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    ax.plot(time, since_start(dataset, "conserved"), color=BLUE, linewidth=1.2)
    ax.set_ylabel("conserved quantity\nsince start (meV/atom)")


def _draw_pressure(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    _draw_one("pressure", ax, time, dataset)


def _draw_volume(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    _draw_one("volume", ax, time, dataset)


def _draw_one(name: str, ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    values = dataset[name].values
    if values.ndim == 1:
        ax.plot(time, values, color=BLUE, linewidth=1.2)
    else:
        _draw_each(ax, time, values)
    ax.set_ylabel(f"{name}\n({QUANTITIES[name].units})")


def _draw_each(ax: "matplotlib.axes.Axes", time: np.ndarray, values: np.ndarray) -> None:
    """A line for each replica, from dark to light."""
    from matplotlib import colormaps

    replicas = values.shape[1]
    for index in range(replicas):
        ax.plot(time, values[:, index], color=colormaps["viridis"](index / max(replicas, 2)), linewidth=0.8)


def _legend(ax: "matplotlib.axes.Axes") -> None:
    """Above the lines, where it hides none of them."""
    place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0, "borderpad": 0.2}
    ax.legend(fontsize="small", ncols=3, frameon=False, **place)


def _volume_moves(dataset: xr.Dataset) -> bool:
    return bool(np.ptp(dataset["volume"].values) > 0)


def _draw_watched(ax: "matplotlib.axes.Axes", time: np.ndarray, dataset: xr.Dataset) -> None:
    """What a monitor looked at, with its threshold."""
    name = next(name for name in _WATCHED if name in dataset)
    _draw_one(name, ax, time, dataset)
    if "live_threshold" in dataset:
        levels = dataset["live_threshold"].values
        ax.plot(time, levels[:, 0] if levels.ndim == 2 else levels, color=ORANGE, linestyle="--", label="threshold")
        _legend(ax)
    ax.set_ylabel(f"{name.removeprefix('frame_')}\n({QUANTITIES[name].units})")


_WATCHED = ("frame_radius", "frame_uncertainty", "frame_distance")
_ROWS = (
    _Row(("alarm",), _draw_watched),
    _Row(("temperature",), _draw_temperature),
    _Row(("potential_energy", "kinetic_energy", "total_energy"), _draw_energies),
    _Row(("conserved",), _draw_drift),
    _Row(("pressure",), _draw_pressure),
    _Row(("volume",), _draw_volume, _volume_moves),
)
