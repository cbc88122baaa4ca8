"""The picture that stays in a saved notebook."""

import io
import math
from typing import TYPE_CHECKING

from ... import viewers
from ...accessor._colours import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...system import System
    from ...workflows import Cloud, Plot, Run


_COLUMNS = 3
"""Pictures side by side."""


def prepare() -> None:
    """Import what draws, so that the end of a run does not wait for it."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401


def png(run: "Run", structure: "System | None" = None) -> bytes | None:
    """The diagrams of a run as a PNG file, from the second frame on, and a structure beside them; None without both.

    Drawn without pyplot: this may be called from any thread, and must not touch the user's figures.
    """
    axis, clouds = run.workflow.axis, run.clouds
    plots = run.plots() if len(run.series.get(axis.key, ())) > 1 else []
    if not (plots or clouds or structure is not None):
        return None
    from matplotlib.figure import Figure

    count = len(plots) + len(clouds) + (structure is not None)
    rows, columns = math.ceil(count / _COLUMNS), min(count, _COLUMNS)
    figure = Figure(figsize=(4 * columns, 2.6 * rows), dpi=100, layout="constrained")
    places = list(figure.subplots(rows, columns, squeeze=False).flat)
    if structure is not None:
        viewers.draw(places.pop(0), structure)
    for plot in plots:
        axes = places.pop(0)
        _draw(axes, plot, run)
        axes.set_xlabel(axis.unit if axis.key.endswith(axis.unit) else f"{axis.key} ({axis.unit})")
        axes.grid(alpha=0.3)
    for cloud in clouds:
        _draw_cloud(places.pop(0), cloud)
    for axes in places:
        axes.set_visible(False)
    figure.suptitle(f"{run.name}: {run.status}, {run.done} of {run.total} {run.workflow.counts}s", fontsize="medium")
    return png_of(figure)


def png_of(figure) -> bytes:
    """A figure as a PNG file."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _draw(axes: "Axes", plot: "Plot", run: "Run") -> None:
    where = run.series[run.workflow.axis.key] * run.workflow.axis.scale
    for trace, colour in zip(plot.traces, COLOURS, strict=False):
        found = trace.average(run.series)
        label = f"{trace.label} {found}" if found else trace.label
        axes.plot(where, trace.values(run.series), color=colour, linewidth=1, label=label)
    if plot.target:
        axes.axhline(run.live[plot.target], color=COLOURS[1], linestyle="--", linewidth=1)
    axes.set_ylabel(f"{plot.label.lower()}\n({plot.unit})")
    if len(plot.traces) > 1:
        axes.legend(fontsize="small", ncols=2)
    if plot.logarithmic:
        axes.set_yscale("log")


def _draw_cloud(axes: "Axes", cloud: "Cloud") -> None:
    axes.plot(cloud.across, cloud.up, ".", color=COLOURS[0], markersize=2)
    axes.axline((float(cloud.across[0]),) * 2, slope=1, color=GREY, linewidth=0.8)
    axes.set_xlabel(f"{cloud.label}, label ({cloud.unit})")
    axes.set_ylabel("predicted")
