"""A run in a few lines of text."""

from collections import Counter

import numpy as np
import xarray as xr

from .._table import Facts
from ..results.schema import SETS
from ..results.sets import is_set, records_of
from ._isotopes import isotope_lines
from ._plot import since_start

_ENOUGH, _DISCARDED = 20, 0.2
"""Frames needed for an average, and the part of them that is left out at the start."""


def summarize(dataset: xr.Dataset) -> Facts:
    """Atoms, frames, time, temperature, drift and how the run ended, if it is known."""
    if "fractionation_ratio" in dataset:
        return Facts("Isotopes", isotope_lines(dataset))
    if is_set(dataset):
        return Facts(f"Set of {dataset.attrs['made_by']}", _set_lines(dataset))
    lines = {
        "atoms": _atoms(dataset),
        "replicas": _replicas(dataset),
        "frames": _frames(dataset),
        "temperature": _temperature(dataset),
        "quantum": _quantum(dataset),
        "drift": _drift(dataset),
        "exchanges": _exchanges(dataset),
        "status": _status(dataset),
    }
    return Facts(f"Dataset of {dataset.attrs.get('made_by', 'mlip_nb')}", lines)


def _set_lines(dataset: xr.Dataset) -> dict[str, str]:
    """What is put side by side, and what has failed."""
    names = {f"{dim}s": ", ".join(map(str, dataset[dim].values)) for dim in SETS if dim in dataset.dims}
    failed = [record for record in records_of(dataset) if "error" in record]
    told = [f"{', '.join(one[dim] for dim in SETS if dim in one)}: {one['error']}" for one in failed]
    return {**names, "failed": "; ".join(told)}


def _atoms(dataset: xr.Dataset) -> str:
    if "symbol" not in dataset:
        return ""
    counts = Counter(dataset["symbol"].values.tolist())
    formula = "".join(f"{symbol}{count if count > 1 else ''}" for symbol, count in counts.items())
    return f"{formula} ({dataset.sizes['atom']} atoms)"


def _frames(dataset: xr.Dataset) -> str:
    frames = dataset.sizes.get("frame", 0)
    if not frames or "time" not in dataset:
        return str(frames)
    time = dataset["time"].values
    return f"{frames}, from {time[0]:g} to {time[-1]:g} fs"


def _replicas(dataset: xr.Dataset) -> str:
    if "replica" not in dataset.dims:
        return ""
    seeds = dataset["seed"].values
    return f"{dataset.sizes['replica']}, with seeds {seeds[0]} to {seeds[-1]}"


def _exchanges(dataset: xr.Dataset) -> str:
    """How many of the exchanges that were tried were made, at each pair of temperatures."""
    if "exchanges" not in dataset or not dataset.sizes["frame"]:
        return ""
    made, tried = (dataset[name].values[-1] for name in ("exchanges", "attempts"))
    shares = ", ".join(f"{share:.0%}" for share in made / np.maximum(tried, 1))
    return f"{shares} accepted between neighbours, {int(dataset['round_trips'][-1])} round trips"


def _temperature(dataset: xr.Dataset) -> str:
    if "temperature" not in dataset:
        return ""
    values = dataset["temperature"].values
    if values.ndim == 2:
        return ", ".join(f"{mean:.1f}" for mean in values.mean(axis=0)) + " K (means of the replicas)"
    return f"{values.mean():.1f} ± {values.std():.1f} K (mean, standard deviation)"


def _quantum(dataset: xr.Dataset) -> str:
    """The kinetic energy of ring polymers."""
    from ..properties import average

    if "atom_kinetic_energy" not in dataset or dataset.sizes["frame"] < _ENOUGH or "replica" in dataset.dims:
        return ""
    kept = dataset["kinetic_energy"].values[int(_DISCARDED * dataset.sizes["frame"]) :]
    found = average(kept * 1e3 / dataset.sizes["atom"])
    told = f"{found.mean:.2f} ± {found.error:.2f} meV/atom of kinetic energy (centroid virial)"
    return f"{told}, {found.samples:.0f} independent samples"


def _drift(dataset: xr.Dataset) -> str:
    """The straight line through the conserved quantity."""
    if "conserved" not in dataset or dataset.sizes["frame"] < 2:
        return ""
    slope = np.polyfit(dataset["time"].values / 1000, since_start(dataset, "conserved"), 1)[0]
    return f"{slope:.2g} meV/atom/ps in the conserved quantity"


def _status(dataset: xr.Dataset) -> str:
    status, message = dataset.attrs.get("status", ""), dataset.attrs.get("message", "")
    seconds = dataset.attrs.get("wall_time")
    after = f" after {seconds:.1f} s" if seconds and status != "running" else ""
    return f"{status}{after}{': ' + message if message else ''}"
