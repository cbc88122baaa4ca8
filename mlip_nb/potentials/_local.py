"""Whether energies of atoms are local."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool

from ._base import AbstractGraphPotential, Graph


@eqx.filter_jit
def is_local(potential: AbstractGraphPotential, graph: Graph) -> Bool[Array, ""]:
    """Whether the energy of an atom depends on its own edges only: not where messages are passed on."""

    def first(vectors):
        return potential.atomic_energies(dataclasses.replace(graph, vectors=vectors))[0]

    return ~jnp.any(jax.grad(first)(graph.vectors)[..., 1:])
