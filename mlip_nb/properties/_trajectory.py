"""Frames of a run, read piece by piece: a store on disk may be larger than memory."""

import json
from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from ..errors import InputError

PIECE = 2**26
"""Bytes of a variable that are in memory together."""
_COLUMNS = 4
"""Pieces that all frames of some atoms may take."""
_WORKSPACE = 8
"""Arrays as large as a series that Fourier transforms take besides."""
_UNEVEN = 1e-6


class Trajectory:
    """What one replica did, the start of the run left out."""

    def __init__(self, dataset: xr.Dataset, *, discard: float = 0.0, replica: int | None = None):
        """**Raises:** `InputError` for a Dataset without frames of atoms, or whose replica is not chosen."""
        dataset = _one(dataset, replica)
        if not dataset.sizes.get("frame") or "positions" not in dataset:
            raise InputError("this Dataset has no frames with positions; take that of a run")
        self.skipped = int(discard * dataset.sizes["frame"])
        """Frames that are left out."""
        self.dataset = dataset.isel(frame=slice(self.skipped, None))

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.dataset.sizes["frame"]

    @property
    def symbols(self) -> np.ndarray:
        """Chemical symbol of each atom."""
        return self.dataset["symbol"].values

    @property
    def elements(self) -> tuple[str, ...]:
        """Those that are there, in the order of their first atoms."""
        return tuple(dict.fromkeys(self.symbols.tolist()))

    @property
    def pbc(self) -> tuple[bool, bool, bool]:
        """Directions in which it is periodic; none where the Dataset does not say."""
        return tuple(json.loads(self.dataset.attrs.get("pbc", "[false, false, false]")))

    @property
    def interval(self) -> float:
        """Time from one frame to the next, fs.

        **Raises:** `InputError` where it is not always the same, or nobody knows it.
        """
        if "time" not in self.dataset.coords or self.frames < 2:
            raise InputError("correlations in time need two frames or more, and their times; store more frames")
        steps = np.diff(self.dataset["time"].values.astype(float))
        if steps.min() <= 0 or np.ptp(steps) > _UNEVEN * steps.max():
            told = f"from {steps.min():g} to {steps.max():g} fs apart"
            raise InputError(f"frames are {told}; correlations in time need evenly spaced ones (one --every for all)")
        return float(steps[0])

    def are(self, symbol: str) -> Bool[np.ndarray, " atoms"]:
        """Which atoms are of an element.

        **Raises:** `InputError` when none is.
        """
        if symbol not in self.elements:
            raise InputError(f"no atom is {symbol}; there are {', '.join(self.elements)}")
        return self.symbols == symbol

    def need(self, name: str, purpose: str) -> None:
        """**Raises:** `InputError` for a Dataset without a variable."""
        if name not in self.dataset:
            raise InputError(f"this Dataset has no {name}, and {purpose} is made of them; take that of a run with them")

    def need_cell(self, purpose: str) -> None:
        """**Raises:** `InputError` for what is not periodic in all directions."""
        if not all(self.pbc) or "cell" not in self.dataset:
            raise InputError(f"{purpose} needs a system that is periodic in all directions; this one has no volume")

    def need_frames(self, least: int, purpose: str) -> None:
        """**Raises:** `InputError` for a trajectory that is too short."""
        if self.frames < least:
            raise InputError(
                f"{purpose} needs {least} frames after --discard, there are {self.frames}; run longer or store more"
            )

    def thinned(self, most: int) -> "Trajectory":
        """No more than so many frames, evenly spread."""
        chosen = np.unique(np.linspace(0, self.frames - 1, min(most, self.frames)).round().astype(int))
        return Trajectory(self.dataset.isel(frame=chosen))

    def pieces(self, *names: str) -> Iterator[tuple[Float[np.ndarray, "frames ..."], ...]]:
        """Variables by their names, some frames at a time."""
        size = sum(8 * self.dataset[name].size for name in names) / max(self.frames, 1)
        together = max(int(PIECE / size), 1)
        for begin in range(0, self.frames, together):
            piece = self.dataset[list(names)].isel(frame=slice(begin, begin + together)).compute()
            yield tuple(piece[name].values.astype(float) for name in names)

    def snapshots(self, *names: str) -> Iterator[tuple[Float[np.ndarray, "..."], ...]]:
        """The same, frame by frame."""
        for piece in self.pieces(*names):
            yield from zip(*piece, strict=True)

    def columns(self, name: str, atoms: Bool[np.ndarray, " atoms"]) -> Iterator[Float[np.ndarray, "frames chosen 3"]]:
        """All frames of a vector of some atoms, a few atoms at a time."""
        chosen = np.flatnonzero(atoms)
        # Whoever wants all frames of a few atoms reads the whole store: as seldom as memory allows.
        read = max(int(_COLUMNS * PIECE / (24 * self.frames)), 1)
        together = max(int(PIECE / (_WORKSPACE * 24 * self.frames)), 1)
        for begin in range(0, len(chosen), read):
            part = self._all_frames(name, chosen[begin : begin + read])
            for first in range(0, part.shape[1], together):
                yield part[:, first : first + together]

    def _all_frames(self, name: str, atoms: Int[np.ndarray, " chosen"]) -> Float[np.ndarray, "frames chosen 3"]:
        """Copied piece by piece: a part of a chunk keeps the whole chunk in memory."""
        found, begin = np.empty((self.frames, len(atoms), 3)), 0
        for (piece,) in self.pieces(name):
            found[begin : begin + len(piece)] = piece[:, atoms]
            begin += len(piece)
        return found

    def weighted(self, name: str, weights: Float[np.ndarray, " atoms"]) -> Float[np.ndarray, "frames 3"]:
        """The sum over atoms of a vector times a weight, at each frame."""
        return np.concatenate([np.einsum("fax,a->fx", piece, weights) for (piece,) in self.pieces(name)])

    def volume(self) -> float:
        """Mean over frames, Å³."""
        return float(np.mean([abs(np.linalg.det(cell)) for (cell,) in self.snapshots("cell")]))

    def kelvin(self) -> float:
        """Temperature, K: that of the thermostat where it is always the same, or else the mean.

        **Raises:** `InputError` for a Dataset without.
        """
        if "live_temperature" in self.dataset and np.ptp(self.dataset["live_temperature"].values) == 0:
            return float(self.dataset["live_temperature"][0])
        self.need("temperature", "what is asked for")
        return float(self.dataset["temperature"].mean())


def _one(dataset: xr.Dataset, replica: int | None) -> xr.Dataset:
    copies = dataset.sizes.get("replica", 1)
    if replica is None:
        if "replica" in dataset.dims:
            raise InputError(f"this Dataset has {copies} replicas; choose one, such as --replica 0 (replica=0)")
        return dataset
    if not 0 <= replica < copies:
        raise InputError(f"there is no replica {replica}; this Dataset has {copies}, counted from 0")
    return dataset.isel(replica=replica) if "replica" in dataset.dims else dataset
