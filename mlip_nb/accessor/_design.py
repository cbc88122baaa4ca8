"""How a design went: its objective, and what was wanted of it."""

import json
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..properties.thermal_errors import thermal_errors
from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_design(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """The objective of each start by iteration; each quantity of the best beside its goal."""
    from matplotlib import pyplot

    names = json.loads(dataset.attrs.get("looked_at", "[]"))
    figure, axes = pyplot.subplots(
        1 + len(names), 1, sharex=True, squeeze=False, figsize=(7, 2.6 + 1.7 * len(names)), layout="constrained"
    )
    pyplot.close(figure)
    for ax, draw in zip(axes[:, 0], [None, *names], strict=True):
        _draw_objective(ax, dataset) if draw is None else _draw_quantity(ax, dataset, draw)
        ax.grid(alpha=0.3)
    axes[-1, 0].set_xlabel("iteration")
    return figure


def _draw_objective(ax, dataset: xr.Dataset) -> None:
    values, ranks = dataset["design_objective"].values, dataset["design_start"].values
    by_start = np.take_along_axis(values, np.argsort(ranks, axis=1), axis=1)
    ax.plot(dataset["design_iteration"], np.maximum(by_start, 1e-300), color=GREY, linewidth=0.8)
    ax.plot(dataset["design_iteration"], np.maximum(values[:, 0], 1e-300), color=BLUE, linewidth=1.6, label="best")
    _mark_rounded(ax, dataset, values[:, 0])
    if (values > 0).all():
        ax.set_yscale("log")
    ax.set_ylabel("objective")
    ax.legend(fontsize="small")


def _draw_quantity(ax, dataset: xr.Dataset, name: str) -> None:
    values = dataset[f"design_{name}"].values[:, 0]
    ax.plot(dataset["design_iteration"], values, color=BLUE, linewidth=1.6)
    if (error := thermal_errors(dataset).get(name)) is not None:
        ends = (values - error[:, 0], values + error[:, 0])
        ax.fill_between(dataset["design_iteration"], *ends, color=BLUE, alpha=0.2, label="standard error")
    _mark_rounded(ax, dataset, values)
    goals = list(dataset["goal"].values) if "goal" in dataset else []
    if name in goals:
        wanted = dataset["goal_value"].values[:, goals.index(name)]
        ax.plot(dataset["design_iteration"], wanted, "--", color=ORANGE, label="goal")
        ax.legend(fontsize="small")
    unit = dataset[f"design_{name}"].attrs["units"]
    ax.set_ylabel(f"{name.replace('_', ' ')}\n({unit})")


def _mark_rounded(ax, dataset: xr.Dataset, values: np.ndarray) -> None:
    """Where every site became one element."""
    places = np.flatnonzero(dataset["rounded"].values)
    label = "rounded" if len(places) else None
    ax.plot(dataset["design_iteration"].values[places], values[places], "o", color=ORANGE, label=label)
