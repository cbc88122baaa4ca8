"""The edges of one frame, found once and kept: what batches are filled with."""

from dataclasses import dataclass

import numpy as np

from ._images import pairs_within
from .frames import Labelled


@dataclass(frozen=True)
class FrameGraph:
    """Slot-major edges of one frame, float64: column = atom, row = slot.

    Unused slots hold the atom itself, their own slot, and a vector longer than the cutoff.
    """

    vectors: np.ndarray  # [3, slots, atoms] Å, from the atom to its neighbour
    others: np.ndarray  # [slots, atoms]
    reverse: np.ndarray  # [slots, atoms] slot of the opposite edge in the other atom's column
    mask: np.ndarray  # [slots, atoms]

    @property
    def slots(self) -> int:
        """The largest number of neighbours an atom has."""
        return self.mask.shape[0]

    @property
    def atoms(self) -> int:
        """How many atoms the frame has."""
        return self.mask.shape[1]


def graph_of(frame: Labelled, cutoff: float) -> FrameGraph:
    """All edges of a frame shorter than `cutoff`, Å; any cell, any periodicity."""
    positions, cell = np.asarray(frame.system.positions, float), np.asarray(frame.system.cell, float)
    centers, others, shifts, vectors = pairs_within(positions, cell, frame.system.pbc, cutoff)
    keys = (shifts[:, 2], shifts[:, 1], shifts[:, 0], others, centers)
    order = np.lexsort(keys)
    centers, others, shifts, vectors = centers[order], others[order], shifts[order], vectors[order]
    counts = np.bincount(centers, minlength=len(positions))
    slot = np.arange(len(centers)) - np.repeat(np.cumsum(counts) - counts, counts)
    return _table(len(positions), cutoff, centers, others, vectors, slot, slot[_opposite(centers, others, shifts)])


def _opposite(centers: np.ndarray, others: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """For each edge, sorted by (centre, other, shift), the place of the edge that points the other way."""
    back = np.lexsort((-shifts[:, 2], -shifts[:, 1], -shifts[:, 0], centers, others))
    # The k-th edge of the one order is the opposite of the k-th of the other.
    opposite = np.empty_like(back)
    opposite[back] = np.arange(len(back))
    return opposite


def _table(
    atoms: int,
    cutoff: float,
    centers: np.ndarray,
    others: np.ndarray,
    vectors: np.ndarray,
    slot: np.ndarray,
    reverse: np.ndarray,
) -> FrameGraph:
    """Edges written into their slots."""
    slots = int(slot.max()) + 1 if len(slot) else 0
    blank = blank_graph(slots, atoms, cutoff)
    blank.vectors[:, slot, centers] = vectors.T
    blank.others[slot, centers] = others
    blank.reverse[slot, centers] = reverse
    blank.mask[slot, centers] = True
    return blank


def blank_graph(slots: int, atoms: int, cutoff: float) -> FrameGraph:
    """A table of unused slots."""
    return FrameGraph(
        # Each component is the cutoff, so that the length is beyond it in any precision.
        vectors=np.full((3, slots, atoms), float(cutoff)),
        others=np.broadcast_to(np.arange(atoms, dtype=np.int32), (slots, atoms)).copy(),
        reverse=np.broadcast_to(np.arange(slots, dtype=np.int32)[:, None], (slots, atoms)).copy(),
        mask=np.zeros((slots, atoms), bool),
    )
