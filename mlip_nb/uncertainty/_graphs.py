"""Labelled frames as a few graphs of one shape, and what functions of graphs say of each frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..learn import Labelled
from ..learn._loss import graph_of_batch
from ..learn._packing import Batch, Packer
from ..potentials import AbstractGraphPotential

_ATOMS, _FRAMES = 512, 128
"""Of a batch, at most."""


@dataclass(frozen=True)
class Graphs:
    """All frames, in batches."""

    batches: list[Batch]

    def each(self, function: Callable[..., Float[Array, "*features atoms"]], *before) -> list[np.ndarray]:
        """`function(*before, graph)` of every frame, in the order of the frames; atoms are the last axis."""
        found: dict[int, np.ndarray] = {}
        for batch in self.batches:
            values = np.asarray(jax.device_get(function(*before, graph_of_batch(jax.device_put(batch)))))
            for place in np.flatnonzero(batch.weight):
                found[int(batch.index[place])] = values[..., (batch.owner == place) & batch.real]
        return [found[index] for index in sorted(found)]

    def species(self) -> list[np.ndarray]:
        """Places in the potential's elements, of every frame."""
        return self.each(lambda graph: graph.species)


def graphs_of(potential: AbstractGraphPotential, frames: Sequence[Labelled]) -> Graphs:
    """In the precision of the potential.

    **Raises:** `InputError` for no frames, and for elements that it does not cover.
    """
    if not frames:
        raise InputError("there are no frames; read some by read_frames")
    elements = potential.spec.elements
    if elements is None:
        raise InputError(f"{potential.spec.registered_name} does not say which elements it covers")
    counted = [replace(frame, index=place) for place, frame in enumerate(frames)]
    dtype = "float64" if potential.spec.precision == "float64" else "float32"
    packer = Packer(counted, elements, potential.cutoff, atoms=_ATOMS, frames_most=_FRAMES, dtype=dtype)
    return Graphs(packer.batches())
