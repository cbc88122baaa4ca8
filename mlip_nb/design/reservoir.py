"""Samples that are kept as long as they serve."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import SimulationError
from .medium import Arrangement, Medium
from .samples import Samples
from .sampling import Sampler

_KEPT = 4
"""Draws that are remembered, with their neighbours; twice as many as designs where those are more."""

Place = tuple[Array, Array, Array]
"""A design: numbers, where it begins to relax, sharpness."""


class Reservoir:
    """Draws so far, and who makes new ones."""

    def __init__(self, sampler: Sampler):
        self.sampler = sampler
        self.draws = 0
        """Times that samples were drawn so far."""
        self._kept: list[Samples] = []
        self._room = _KEPT
        self._weigh: Any = None
        self._stand: Any = None

    @property
    def blank(self) -> Samples:
        """Samples whose shapes alone are of use."""
        return self.sampler.blank

    def serving(self, material: Callable[..., Any], vectors, rests, sharpness) -> Samples:
        """For each of several designs the newest samples that serve it, or new ones, along a first axis.

        `material` is that of a `Problem`.
        """
        if self._weigh is None:
            self._weigh, self._stand = (jax.jit(one(material)) for one in (_weighing, _standing))
        places = [(jnp.asarray(v), jnp.asarray(r), sharpness) for v, r in zip(vectors, rests, strict=True)]
        self._room = max(_KEPT, 2 * len(places))
        found = [self._serving(place) for place in places]
        while len({samples.tables.grid for samples in found}) > 1:
            # One of them needed more room for neighbours; all have to have the same.
            found = [self._serving(place) for place in places]
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *found)

    def _serving(self, place: Place) -> Samples:
        for samples in reversed(self._kept):
            share, serves, _ = self._weigh(*place, samples)
            if serves and float(share) >= self.sampler.sampling.fewest:
                return samples
        return self._drawn(place, *self._stand(*place))

    def _drawn(self, place: Place, medium: Medium, here: Arrangement) -> Samples:
        former = self._kept[-1] if self._kept else None
        self.draws += 1
        try:
            fresh = self.sampler.draw(medium, here, former)
        except SimulationError:
            if former is None:
                raise
            # Nothing is known of a design that falls apart: it has no value.
            return eqx.tree_at(lambda s: s.enthalpies, former, jnp.full_like(former.enthalpies, np.nan))
        samples = eqx.tree_at(lambda s: s.enthalpies, fresh, self._weigh(*place, fresh)[2])
        # Samples with other room for neighbours cannot stand beside these.
        alike = [one for one in self._kept if one.tables.grid == samples.tables.grid]
        self._kept = [*alike, samples][-self._room :]
        return samples


def _weighing(material: Callable[..., Any]):
    """The share of samples that carry the weights, whether their neighbours do, and what they are weighed by."""

    def weigh(vector, rest, sharpness, samples: Samples) -> tuple[Array, Array, Float[Array, " samples"]]:
        ensemble = material(vector, rest, sharpness, samples).x.ensemble
        return ensemble.share, ensemble.serves, ensemble.work

    return weigh


def _standing(material: Callable[..., Any]):
    """What a design is made of, and where it is."""

    def stand(vector, rest, sharpness) -> tuple[Medium, Arrangement]:
        x = material(vector, rest, sharpness).x
        return x.medium, Arrangement(x.positions, x.cell)

    return stand
