"""The space group of a structure, as what it does to vectors and tensors."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..system import System

_ALIKE = 1e-3
"""Å: positions that a symmetry takes as the same."""


class Symmetry(eqx.Module):
    r"""Means over the group, $P = |G|^{-1} \sum_g \rho(g)$: what is left is what keeps every symmetry."""

    rotations: Float[Array, "operations 3 3"]
    """Cartesian."""
    sources: Int[Array, "operations atoms"]
    """The atom that each operation brings to the place of an atom."""

    @classmethod
    def of(cls, system: System) -> "Symmetry":
        """By spglib, to 0.001 Å; atoms that are held in place are others than those that move.

        **Raises:** `InputError` where a direction is not periodic, or nothing is found.
        """
        import spglib

        if not all(system.pbc):
            raise InputError("symmetry: it is kept in crystals only, and a direction is not periodic; leave it out")
        lattice = np.asarray(system.cell, float)
        places = np.linalg.solve(lattice.T, np.asarray(system.positions, float).T).T
        # Without it spglib warns at every call, that it will raise errors one day.
        spglib.error.OLD_ERROR_HANDLING = False
        try:
            found = spglib.get_symmetry((lattice, places, _kinds(system)), symprec=_ALIKE)
        except spglib.SpglibError as error:
            raise InputError(f"symmetry: spglib finds none in this structure ({error}); leave it out") from error
        rotations = np.einsum("ai,gab,bj->gij", lattice, found["rotations"], np.linalg.inv(lattice.T))
        sources = [_source(places, *one) for one in zip(found["rotations"], found["translations"], strict=True)]
        return cls(jnp.asarray(rotations), jnp.asarray(np.stack(sources), dtype=jnp.int32))

    def of_vectors(self, vectors: Float[Array, "atoms 3"]) -> Float[Array, "atoms 3"]:
        """The symmetric part of one vector for each atom."""
        return jnp.mean(jnp.einsum("gij,gaj->gai", self.rotations, vectors[self.sources]), axis=0)

    def of_tensor(self, tensor: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
        """The symmetric part of a tensor of the whole."""
        return jnp.mean(jnp.einsum("gij,jk,glk->gil", self.rotations, tensor, self.rotations), axis=0)


def _kinds(system: System) -> Int[np.ndarray, " atoms"]:
    numbers = np.asarray(system.numbers)
    return numbers if system.mobile is None else 2 * numbers + np.asarray(system.mobile)


def _source(
    places: Float[np.ndarray, "atoms 3"], rotation: Int[np.ndarray, "3 3"], translation: Float[np.ndarray, " 3"]
) -> Int[np.ndarray, " atoms"]:
    """For each atom the one that comes to its place; all in fractions of the lattice vectors."""
    there = places @ rotation.T + translation
    apart = there[None, :] - places[:, None]
    return np.argmin(np.sum((apart - np.round(apart)) ** 2, axis=2), axis=1)
