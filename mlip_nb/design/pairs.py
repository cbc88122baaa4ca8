"""What a design has by the distances of its atoms."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials import Graph
from .quantity import quantity

EDGE = 0.1
"""Å."""
_TAIL = 5.0
"""Widths beyond which a smooth edge or a peak has nothing."""


class Paired:
    """Quantities of a material."""

    @quantity("Å")
    def shortest_distance(self) -> Float[Array, ""]:
        """Of two atoms, Å; that of the cutoff where they are further apart."""
        graph = self._graph
        return self._medium.length * jnp.min(jnp.where(graph.mask, graph.distances, self._medium.potential.cutoff))

    def coordination(self, radius: float, width: float = EDGE) -> Float[Array, " atoms"]:
        """Neighbours of each atom within a radius, with an edge so wide (both Å), in the order of the system."""
        graph = self._graph
        inside = jax.nn.sigmoid((radius - self._medium.length * graph.distances) / width)
        return jnp.sum(jnp.where(graph.mask, inside, 0), axis=0)[jnp.argsort(self._table.order)]

    @quantity("1")
    def coordination_number(self) -> Float[Array, ""]:
        """Neighbours of an atom within the radius of the design, the mean of all."""
        return jnp.mean(self.coordination(self._within(self._conditions.radius)))

    def pair_distribution(self, radii: Any, width: float = EDGE) -> Float[Array, " radii"]:
        r"""$g(r)$ at these distances (Å), each pair a normal peak of this width (Å); 1 far from all order.

        $$g(r) = \frac{V}{4\pi r^2 N^2} \sum_{i \ne j} \delta_w(r - r_{ij})$$

        **Raises:** `InputError` for distances beyond the reach of the potential, which knows of no pairs there.
        """
        # Looked at before JAX has it: where an objective is differentiated all of its arrays are without values.
        if not any(isinstance(radius, jax.core.Tracer) for radius in jax.tree.leaves(radii)):
            self._reaches("a pair distribution at", float(np.asarray(radii).max()), width)
        graph, radii = self._graph, jnp.atleast_1d(jnp.asarray(radii, float))
        distances = self._medium.length * graph.distances

        def peaks(radius):
            near = jnp.exp(-(((radius - distances) / width) ** 2) / 2) / (width * (2 * jnp.pi) ** 0.5)
            return jnp.sum(jnp.where(graph.mask, near, 0))

        shells = 4 * jnp.pi * radii**2 * len(self._here.positions) ** 2
        return jax.lax.map(peaks, radii) * self.volume / shells

    @property
    def _graph(self) -> Graph:
        return self._stage.graph(self._medium, self._table, self._here)

    def _within(self, radius: float | None) -> float:
        """**Raises:** `InputError` for a radius that is not given, or beyond which pairs are not known."""
        if radius is None:
            raise InputError("coordination_number counts neighbours within a radius; give --radius, such as 2.8")
        self._reaches("--radius", radius, EDGE)
        return radius

    def _reaches(self, what: str, radius: float, width: float) -> None:
        cutoff = self._medium.potential.cutoff
        most = cutoff - _TAIL * width
        if radius > most * (1 + 1e-9):
            raise InputError(
                f"{what} {radius:g} Å: the potential sees pairs up to {cutoff:g} Å only; give {most:g} Å at most"
            )
