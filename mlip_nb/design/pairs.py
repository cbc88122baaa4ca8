"""What a design has by the distances of its atoms."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials import Graph
from .quantity import quantity

_EDGE = 0.1
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

    @property
    def distances(self) -> Float[Array, " edges"]:
        """Of all atoms within the reach of the potential from each other, from either end, Å; others are far away."""
        far = 10 * self._medium.potential.cutoff
        return self._medium.length * jnp.ravel(jnp.where(self._graph.mask, self._graph.distances, far))

    def coordination(self, radius: float, width: float = _EDGE) -> Float[Array, " atoms"]:
        """Neighbours of each atom within a radius, with an edge so wide (both Å), in the order of the system."""
        graph = self._graph
        inside = jax.nn.sigmoid((radius - self._medium.length * graph.distances) / width)
        return jnp.sum(jnp.where(graph.mask, inside, 0), axis=0)[jnp.argsort(self._table.order)]

    @quantity("1")
    def coordination_number(self) -> Float[Array, ""]:
        """Neighbours of an atom within the radius of the design, the mean of all."""
        return jnp.mean(self.coordination(self._within(self._conditions.radius)))

    def pair_distribution(self, radii: Any, width: float = _EDGE) -> Float[Array, " radii"]:
        r"""$g(r)$ at these distances (Å), each pair a normal peak of this width (Å); 1 far from all order.

        $$g(r) = \frac{V}{4\pi r^2 N^2} \sum_{i \ne j} \delta_w(r - r_{ij})$$
        """
        graph, radii = self._graph, jnp.asarray(radii, float)
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
        cutoff = self._medium.potential.cutoff
        if radius is None:
            raise InputError("coordination_number counts neighbours within a radius; give --radius, such as 2.8")
        if radius + _TAIL * _EDGE > cutoff:
            raise InputError(
                f"--radius {radius:g}: the potential sees pairs up to {cutoff:g} Å only; give "
                f"{cutoff - _TAIL * _EDGE:g} Å at most"
            )
        return radius
