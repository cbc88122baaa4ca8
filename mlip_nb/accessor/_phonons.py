"""Phonon bands beside the density of states, and the heat capacity."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ._colours import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import matplotlib.figure


def plot_phonons(dataset: xr.Dataset) -> "matplotlib.figure.Figure":
    """Bands along the path, the density of states on the same axis, and heat capacity by temperature."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(9, 3.6), width_ratios=(3, 1, 1.6), layout="constrained", sharey=False)
    pyplot.close(figure)
    bands, states, heat = axes
    draw_bands(bands, dataset, "phonon_frequency")
    bands.set_ylabel("frequency (THz)")
    lowest = float(dataset["phonon_frequency"].min())
    bands.set_ylim(None if lowest < -0.05 else 0)
    states.sharey(bands)
    states.plot(dataset["density_of_states"], dataset["state_frequency"], color=BLUE, linewidth=1.0)
    states.fill_betweenx(dataset["state_frequency"], dataset["density_of_states"], alpha=0.2, color=BLUE)
    states.set_xlabel("states\n(1/THz/atom)")
    states.set_xlim(0)
    states.tick_params(labelleft=False)
    heat.plot(dataset["harmonic_temperature"], dataset["harmonic_heat_capacity"], color=ORANGE)
    heat.axhline(3, color=GREY, linestyle="--", linewidth=0.8)
    heat.set_xlabel("temperature (K)")
    heat.set_ylabel("$C_V$ ($k_B$/atom)")
    for ax in (states, heat):
        ax.grid(alpha=0.3)
    return figure


def draw_bands(ax, dataset: xr.Dataset, name: str, **style) -> None:
    """A quantity of branches along the path, with names of special points; parts that do not meet are apart."""
    distance, labels = dataset["band_distance"].values, dataset["band_label"].values
    values = dataset[name].values
    begins = np.flatnonzero(np.diff(distance) == 0) + 1
    for part in np.split(np.arange(len(distance)), begins):
        ax.plot(distance[part], values[part], **{"color": BLUE, "linewidth": 1.0, **style})
    places, names = _ticks(distance, labels)
    ax.set_xticks(places, names)
    for place in places:
        ax.axvline(place, color=GREY, linewidth=0.5)
    ax.axhline(0, color=GREY, linewidth=0.5)
    ax.set_xlim(distance[0], distance[-1])


def _ticks(distance: np.ndarray, labels: np.ndarray) -> tuple[list[float], list[str]]:
    """One mark where two parts begin and end, with both names where they differ."""
    ticks: dict[float, list[str]] = {}
    for place in np.flatnonzero(labels != ""):
        names = ticks.setdefault(float(distance[place]), [])
        if labels[place] not in names:
            names.append(str(labels[place]))
    return list(ticks), ["|".join(names) for names in ticks.values()]
