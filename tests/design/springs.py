"""Atoms on springs of their own pair: the ensemble that is known in closed form."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from mlip_nb.potentials import AbstractGraphPotential, Graph, PotentialSpec
from mlip_nb.system import System

FAR = 40.0
"""Å between pairs."""


class SpringsSpec(PotentialSpec):
    """Takes any element."""

    def build(self) -> "Springs":
        """Of unit stiffness."""
        return Springs(jnp.ones(()))


class Springs(AbstractGraphPotential):
    """k r²/2 for a pair of atoms at r, eV/Å²; half of it is either atom's."""

    stiffness: Float[Array, ""]
    cutoff: float = eqx.field(static=True, default=12.0)
    spec: PotentialSpec = eqx.field(static=True, default=SpringsSpec())

    def atomic_energies(self, graph: Graph):
        squares = jnp.sum(graph.vectors**2, axis=0)
        return 0.25 * self.stiffness * jnp.sum(jnp.where(graph.mask, squares, 0), axis=0)


def pair(mass: float = 40.0) -> System:
    """Two atoms, 1 Å apart, alone in a cell that is larger than they will ever go."""
    return System(
        positions=jnp.array([[20.0, 20.0, 20.0], [21.0, 20.0, 20.0]]),
        numbers=jnp.array([18, 18], jnp.int32),
        masses=jnp.full(2, mass),
        cell=jnp.eye(3) * FAR,
        pbc=(True, True, True),
    )


def drawn(count: int, kT: float, seed: int) -> np.ndarray:
    """Fractional positions of independent pairs from the exact law of unit stiffness."""
    along = np.random.default_rng(seed).normal(size=(count, 3)) * kT**0.5
    middle = np.full((count, 3), 0.5 * FAR)
    return np.stack([middle - along / 2, middle + along / 2], axis=1) / FAR


def squared(one) -> Array:
    """r², Å²."""
    return jnp.sum((one.positions[1] - one.positions[0]) ** 2)
