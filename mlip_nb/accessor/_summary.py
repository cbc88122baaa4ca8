"""A run in a few lines of text."""

from collections import Counter

import numpy as np
import xarray as xr

from ._plot import since_start


def summarize(dataset: xr.Dataset) -> str:
    """Atoms, frames, time, temperature, drift and how the run ended; one line each, if it is known."""
    lines = {
        "atoms": _atoms(dataset),
        "frames": _frames(dataset),
        "temperature": _temperature(dataset),
        "drift": _drift(dataset),
        "status": _status(dataset),
    }
    return "\n".join(f"{name + ':':13}{text}" for name, text in lines.items() if text)


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


def _temperature(dataset: xr.Dataset) -> str:
    if "temperature" not in dataset:
        return ""
    values = dataset["temperature"].values
    return f"{values.mean():.1f} ± {values.std():.1f} K (mean, standard deviation)"


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
