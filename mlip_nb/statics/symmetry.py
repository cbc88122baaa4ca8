"""The space group of a structure as maps of its vectors and tensors."""

from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..system import System

if TYPE_CHECKING:
    import spglib

TOLERANCE = 1e-4
"""Å, within which atoms are images of each other."""


class Symmetry(eqx.Module):
    """Operations that map a crystal onto itself: what keeps them is the mean over all of them."""

    rotations: Float[Array, "operations 3 3"]
    """Of Cartesian vectors."""
    images: Int[Array, "operations atoms"]
    """Where each atom goes."""

    @classmethod
    def of(cls, system: System, tolerance: float = TOLERANCE) -> "Symmetry":
        """By spglib; atoms of one element with other masses, or held in place, are others.

        **Raises:** `InputError` where not all directions are periodic.
        """
        found, cell, places = space_group(system, tolerance), np.asarray(system.cell, float), _fractional(system)
        into = np.linalg.inv(cell).T
        # Columns of fractions: cell.T carries them to Cartesian vectors.
        rotations = np.einsum("ab,obc,cd->oad", cell.T, found.rotations, into)
        images = [
            _images(places, places @ rotation.T + shift, cell)
            for rotation, shift in zip(found.rotations, found.translations, strict=True)
        ]
        return cls(jnp.asarray(rotations), jnp.asarray(np.array(images)))

    @property
    def orbits(self) -> Int[np.ndarray, " atoms"]:
        """Of each atom the first of those that it is mapped onto."""
        return np.asarray(self.images).min(axis=0)

    def vectors(self, values: Float[Array, "atoms 3"]) -> Float[Array, "atoms 3"]:
        """The part of a field of vectors that has the symmetry."""
        turned = jnp.einsum("oij,aj->oai", self.rotations, values)
        rows = jnp.arange(len(self.images))[:, None]
        return jnp.zeros_like(turned).at[rows, self.images].set(turned).mean(axis=0)

    def tensor(self, values: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
        """The part of a tensor that has the symmetry."""
        return jnp.einsum("oij,jk,olk->oil", self.rotations, values, self.rotations).mean(axis=0)


def space_group(system: System, tolerance: float = TOLERANCE) -> "spglib.SpglibDataset":
    """What spglib tells; atoms of one element with other masses, or held in place, are others.

    **Raises:** `InputError` where not all directions are periodic.
    """
    import spglib

    if not all(system.pbc):
        raise InputError("symmetry: space groups are those of crystals; the structure is not periodic everywhere")
    # What phonopy sets, too: without it every call warns.
    spglib.error.OLD_ERROR_HANDLING = False
    given = (np.asarray(system.cell, float), _fractional(system), _kinds(system))
    try:
        found = spglib.get_symmetry_dataset(given, symprec=tolerance)
    except spglib.SpglibError as error:
        raise InputError(f"symmetry: spglib finds none ({error}); check the structure, or leave it out") from error
    assert found is not None, "what spglib does not find it raises"
    return found


def _fractional(system: System) -> np.ndarray:
    return np.asarray(system.positions, float) @ np.linalg.inv(np.asarray(system.cell, float))


def _kinds(system: System) -> np.ndarray:
    held = np.zeros(len(system.numbers)) if system.mobile is None else ~np.asarray(system.mobile)
    rows = np.stack([np.asarray(system.numbers, float), np.asarray(system.masses, float), held], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel()


def _images(places: np.ndarray, moved: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Who is where each atom has come to."""
    away = moved[:, None] - places
    away -= np.round(away)
    return np.linalg.norm(away @ cell, axis=2).argmin(axis=1)
