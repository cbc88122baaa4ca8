"""An uncertainty that anybody can work out: how close the nearest neighbour is."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from ase.build import bulk
from jaxtyping import Array, Float

import mlip_nb
from mlip_nb.potentials import AbstractGraphPotential, Graph
from mlip_nb.uncertainty import AbstractUncertainty

LONGEST = 4.0
"""Å."""


class Closeness(AbstractUncertainty):
    """4 Å less the distance of the nearest neighbour: a crystal that warms up becomes less certain."""

    potential: AbstractGraphPotential
    unit: ClassVar[str] = "eV/Å"

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        return LONGEST - jnp.min(jnp.where(graph.mask, graph.distances, LONGEST), axis=0)


def argon():
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))


def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


def md(steps=100, **monitoring) -> mlip_nb.MD:
    """From 1 K to 120 K."""
    ensemble = mlip_nb.NVTLangevin(temperature="1->120", friction=5)
    return mlip_nb.MD(ensemble=ensemble, timestep=4.0, every=2, steps=steps, monitoring={"look_every": 4, **monitoring})


def by_hand(positions: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """The same, from all distances in an orthorhombic cell wider than twice what counts."""
    away = positions[:, None] - positions[None]
    away -= np.diag(cell) * np.round(away / np.diag(cell))
    distances = np.linalg.norm(away, axis=-1) + LONGEST * np.eye(len(positions))
    return LONGEST - np.minimum(distances.min(axis=1), LONGEST)
