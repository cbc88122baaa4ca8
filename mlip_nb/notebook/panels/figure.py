"""The picture that stays in a saved notebook."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...workflows import Run

_ENERGIES = {
    "potential_energy": "#0072b2",
    "kinetic_energy": "#d55e00",
    "total_energy": "#009e73",
    "conserved": "#333333",
}


def prepare() -> None:
    """Import what draws, so that the end of a run does not wait for it."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401


def png(run: "Run") -> bytes | None:
    """Temperature and energies of a run against time, as a PNG file; None before the second frame.

    Drawn without pyplot: this may be called from any thread, and must not touch the user's figures.
    """
    series = run.series
    if len(series.get("time", ())) < 2:
        return None
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2.6), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2)
    time = series["time"] / 1000
    _draw_temperature(left, time, run)
    _draw_energies(right, time, run)
    for axes in (left, right):
        axes.set_xlabel("time (ps)")
        axes.grid(alpha=0.3)
    figure.suptitle(f"{run.name}: {run.status}, {run.done} of {run.total} steps", fontsize="medium")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _draw_temperature(axes, time, run: "Run") -> None:
    if "temperature" in run.series:
        axes.plot(time, run.series["temperature"], color="#0072b2", linewidth=1)
    if "temperature" in run.live:
        axes.axhline(run.live["temperature"], color="#d55e00", linestyle="--", linewidth=1)
    axes.set_ylabel("temperature (K)")


def _draw_energies(axes, time, run: "Run") -> None:
    atoms = len(run.system.numbers)
    for name, colour in _ENERGIES.items():
        if name in run.series:
            values = run.series[name]
            label = name.removesuffix("_energy")
            axes.plot(time, (values - values[0]) * 1e3 / atoms, color=colour, linewidth=1, label=label)
    axes.set_ylabel("energy since the start\n(meV/atom)")
    axes.legend(fontsize="small", ncols=2)
