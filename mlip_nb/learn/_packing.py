"""Frames packed into flat batches of one shape, so that a trainer compiles once."""

from collections.abc import Iterator, Sequence

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from ..errors import InputError
from ._graphs import FrameGraph, blank_graph, graph_of
from .frames import Labelled


class Batch(eqx.Module):
    """Some whole frames side by side, and padding behind them. Numpy until somebody moves it to a device.

    Real atoms come first, without gaps, frame after frame. Padding atoms belong to the last frame and have no
    neighbours; padding frames have weight 0, and count and volume 1, so that nobody divides by zero.
    """

    vectors: Float[Array | np.ndarray, "3 slots atoms"]
    """Å, from the atom to its neighbour; longer than the cutoff in unused slots."""
    others: Int[Array | np.ndarray, "slots atoms"]
    """Neighbours, counted within the batch; unused slots hold the atom itself."""
    reverse: Int[Array | np.ndarray, "slots atoms"]
    """Slot of the opposite edge in the other atom's column; unused slots hold their own."""
    mask: Bool[Array | np.ndarray, "slots atoms"]
    species: Int[Array | np.ndarray, " atoms"]
    """Place in the packer's tuple of elements; 0 for padding."""
    real: Bool[Array | np.ndarray, " atoms"]
    """False for padding."""
    owner: Int[Array | np.ndarray, " atoms"]
    """Frame of each atom, counted within the batch."""
    energy: Float[Array | np.ndarray, " frames"]
    """eV, less the offsets of the atoms; 0 where it is not known."""
    forces: Float[Array | np.ndarray, "3 atoms"]
    """eV/Å; 0 where they are not known."""
    stress: Float[Array | np.ndarray, "frames 3 3"]
    """eV/Å³, tension positive; 0 where it is not known."""
    has_energy: Bool[Array | np.ndarray, " frames"]
    has_forces: Bool[Array | np.ndarray, " frames"]
    has_stress: Bool[Array | np.ndarray, " frames"]
    volume: Float[Array | np.ndarray, " frames"]
    """Å³; 1 where there is none."""
    count: Int[Array | np.ndarray, " frames"]
    """Atoms of each frame."""
    weight: Float[Array | np.ndarray, " frames"]
    """1 for frames, 0 for padding."""
    index: Int[Array | np.ndarray, " frames"]
    """Place of each frame in its source; -1 for padding."""


class Packer:
    """Finds the edges of all frames once, and then fills batches of one shape as often as it is asked."""

    def __init__(
        self,
        frames: Sequence[Labelled],
        elements: Sequence[str],
        cutoff: float,
        *,
        atoms: int,
        frames_most: int,
        offsets: np.ndarray | None = None,
        dtype: str = "float32",
        slots_of: int = 1,
    ):
        """`atoms` and `frames_most`: most of each in a batch; a larger frame makes room for itself.

        `slots_of`: slots are a multiple of it, so that sets that differ a little share their programs.

        `offsets`: energy of an atom of each element, eV, to take off before rounding to `dtype`.

        **Raises:** `InputError` for no frames, an element that is not in `elements`, or sizes below 1.
        """
        _check(frames, elements, atoms, frames_most)
        self._frames, self._cutoff, self._dtype, self._most = list(frames), cutoff, dtype, frames_most
        self._species = [_species_of(frame, elements) for frame in frames]
        self._offsets = np.zeros(len(elements)) if offsets is None else np.asarray(offsets, float)
        self._graphs = [graph_of(frame, cutoff) for frame in frames]
        self._atoms = max(atoms, *(graph.atoms for graph in self._graphs))
        self._slots = -(-max(1, *(graph.slots for graph in self._graphs)) // slots_of) * slots_of

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slots, atoms and frames of every batch."""
        return self._slots, self._atoms, self._most

    def batches(self, seed: int | None = None) -> list[Batch]:
        """All frames, each in one batch; shuffled by `seed`, or in their order without."""
        return list(self.stream(seed))

    def stream(self, seed: int | None = None) -> Iterator[Batch]:
        """The same, each filled when it is asked for."""
        return map(self._fill, self._bins(self._order(seed)))

    def count(self, seed: int | None = None) -> int:
        """How many batches that are."""
        return len(self._bins(self._order(seed)))

    def _order(self, seed: int | None) -> np.ndarray:
        places = np.arange(len(self._frames))
        return places if seed is None else np.random.default_rng(seed).permutation(places)

    def _bins(self, places: np.ndarray) -> list[list[int]]:
        """Each frame goes into the first batch that has room for it."""
        bins: list[list[int]] = []
        free = np.empty(0, int)
        for place in places.tolist():
            size = self._graphs[place].atoms
            fits = np.flatnonzero(free >= size)
            if not len(fits):
                bins, free = [*bins, []], np.append(free, self._atoms)
            target = int(fits[0]) if len(fits) else len(bins) - 1
            bins[target].append(place)
            free[target] = -1 if len(bins[target]) == self._most else free[target] - size
        return bins

    def _fill(self, places: list[int]) -> Batch:
        graphs = [self._graphs[place] for place in places]
        starts = np.cumsum([0, *(graph.atoms for graph in graphs)])
        return Batch(
            **self._edges(graphs, starts),
            **self._atoms_of(places, starts),
            **self._labels(places),
            **self._sizes(places),
        )

    def _edges(self, graphs: list[FrameGraph], starts: np.ndarray) -> dict[str, np.ndarray]:
        table = blank_graph(self._slots, self._atoms, self._cutoff)
        for graph, start in zip(graphs, starts[:-1], strict=True):
            here = np.s_[: graph.slots, start : start + graph.atoms]
            table.vectors[:, *here] = graph.vectors
            table.others[here] = graph.others + start
            table.reverse[here] = graph.reverse
            table.mask[here] = graph.mask
        return {**vars(table), "vectors": table.vectors.astype(self._dtype)}

    def _atoms_of(self, places: list[int], starts: np.ndarray) -> dict[str, np.ndarray]:
        species = np.zeros(self._atoms, np.int32)
        owner = np.full(self._atoms, self._most - 1, np.int32)
        forces = np.zeros((3, self._atoms), self._dtype)
        for frame, (place, start) in enumerate(zip(places, starts[:-1], strict=True)):
            here = slice(start, start + len(self._species[place]))
            species[here], owner[here] = self._species[place], frame
            forces[:, here] = 0 if (known := self._frames[place].forces) is None else known.T
        return {"species": species, "owner": owner, "forces": forces, "real": np.arange(self._atoms) < starts[-1]}

    def _labels(self, places: list[int]) -> dict[str, np.ndarray]:
        frames = [self._frames[place] for place in places]
        shifts = [self._offsets[self._species[place]].sum() for place in places]
        energies = [
            0 if frame.energy is None else frame.energy - shift for frame, shift in zip(frames, shifts, strict=True)
        ]
        stresses = [np.zeros((3, 3)) if frame.stress is None else frame.stress for frame in frames]
        return {
            "energy": self._padded(energies, 0, self._dtype),
            "stress": self._padded(stresses, 0, self._dtype),
            "has_energy": self._padded([frame.energy is not None for frame in frames], False, bool),
            "has_forces": self._padded([frame.forces is not None for frame in frames], False, bool),
            "has_stress": self._padded([frame.stress is not None for frame in frames], False, bool),
        }

    def _sizes(self, places: list[int]) -> dict[str, np.ndarray]:
        frames = [self._frames[place] for place in places]
        volumes = [_volume(frame) for frame in frames]
        return {
            "volume": self._padded(volumes, 1, self._dtype),
            "count": self._padded([len(self._species[place]) for place in places], 1, np.int32),
            "weight": self._padded(np.ones(len(places)), 0, self._dtype),
            "index": self._padded([frame.index for frame in frames], -1, np.int32),
        }

    def _padded(self, values: Sequence | np.ndarray, filler: float, dtype: object) -> np.ndarray:
        values = np.asarray(values)
        padded = np.full((self._most, *values.shape[1:]), filler, dtype)
        padded[: len(values)] = values
        return padded


def pack(
    frames: Sequence[Labelled],
    elements: Sequence[str],
    cutoff: float,
    *,
    atoms: int,
    frames_most: int,
    seed: int | None = None,
    offsets: np.ndarray | None = None,
    dtype: str = "float32",
) -> list[Batch]:
    """Batches of all frames, once. Who needs them again, every epoch, keeps a `Packer`."""
    packer = Packer(frames, elements, cutoff, atoms=atoms, frames_most=frames_most, offsets=offsets, dtype=dtype)
    return packer.batches(seed)


def _check(frames: Sequence[Labelled], elements: Sequence[str], atoms: int, frames_most: int) -> None:
    if not frames:
        raise InputError("no frames to pack; read some by read_frames")
    for name, value in (("atoms", atoms), ("frames_most", frames_most)):
        if value < 1:
            raise InputError(f"{name}: a batch holds at least 1 (got {value})")
    for frame in frames:
        if strange := set(frame.system.symbols) - set(elements):
            raise InputError(
                f"frame {frame.index} has {', '.join(sorted(strange))}; add it to the elements ({', '.join(elements)})"
            )


def _species_of(frame: Labelled, elements: Sequence[str]) -> np.ndarray:
    place = {symbol: species for species, symbol in enumerate(elements)}
    return np.array([place[symbol] for symbol in frame.system.symbols], np.int32)


def _volume(frame: Labelled) -> float:
    """Å³; 1 for a frame that has none to speak of, so that stress is zero over something."""
    return abs(float(np.linalg.det(np.asarray(frame.system.cell, float)))) if all(frame.system.pbc) else 1.0
