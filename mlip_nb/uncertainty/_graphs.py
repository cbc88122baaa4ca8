"""Labelled frames as a few graphs of one shape, and what functions of graphs say of each frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..learn import Labelled
from ..learn._loss import graph_of_batch
from ..learn._packing import Batch
from ..learn.evaluate import batches_for
from ..potentials import AbstractGraphPotential


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
    if potential.spec.elements is None:
        raise InputError(f"{potential.spec.registered_name} does not say which elements it covers")
    return Graphs(batches_for(potential, frames))
