"""What of a run is worth drawing: diagrams as plain descriptions, for whatever draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..properties import Average, average

_DISCARDED, _FEWEST = 5, 10
"""One part in so many is left out at the start, and the values that have an average."""


@dataclass(frozen=True)
class Axis:
    """What diagrams are drawn against."""

    key: str
    unit: str
    scale: float = 1.0
    """From the unit of the series to that of the axis."""


@dataclass(frozen=True)
class Trace:
    """One line of a diagram."""

    label: str
    key: str
    """Name in the series."""
    scale: float = 1.0
    from_start: bool = False
    """True: the change since the first value."""
    averaged: bool = False
    """True: what counts is its mean, which is told with its error."""

    def values(self, series: Mapping[str, np.ndarray], first: int = 0, last: int | None = None) -> np.ndarray:
        """In the unit of the plot."""
        column = series[self.key]
        return (column[first:last] - (column[0] if self.from_start else 0)) * self.scale

    def average(self, series: Mapping[str, np.ndarray]) -> Average | None:
        """Of what there is so far but the first fifth, as for results; None as long as that says nothing."""
        values = self.values(series)[len(series[self.key]) // _DISCARDED :] if self.averaged else np.empty(0)
        return average(values) if len(values) >= _FEWEST and np.isfinite(values).all() else None


@dataclass(frozen=True)
class Plot:
    """One diagram."""

    label: str
    unit: str
    traces: tuple[Trace, ...]
    target: str | None = None
    """Live parameter that is drawn as a level."""
    logarithmic: bool = False
    detail: bool = False
    """True: left out where there is room for a few numbers only."""

    def of(self, series: Mapping[str, np.ndarray], live: Mapping[str, float]) -> "Plot":
        """With the traces that are there, and its target only if that is there."""
        there = tuple(trace for trace in self.traces if not np.isnan(series.get(trace.key, np.nan)).all())
        return replace(self, traces=there, target=self.target if self.target in live else None)


@dataclass(frozen=True)
class Cloud:
    """Points that would lie on the diagonal if all were well: the newest only."""

    label: str
    unit: str
    across: np.ndarray
    """What is true, `[points]`."""
    up: np.ndarray
    """What is said of it."""


def present(plots: tuple[Plot, ...], series: Mapping[str, np.ndarray], live: Mapping[str, float]) -> list[Plot]:
    """Those of which there is something to draw."""
    return [plot for plot in (plot.of(series, live) for plot in plots) if plot.traces]
