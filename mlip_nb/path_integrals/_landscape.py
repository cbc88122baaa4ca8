"""The energy of a structure as a function of mass-weighted coordinates, for methods that walk on it from the host."""

import dataclasses
from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractPotential, Edges
from ..system import System, check

_SKIN = 1.0
"""Å, of the first table of neighbours; one with more is made when a structure leaves it."""
_DIRECTIONS = 32
"""Columns of a Hessian that are computed together."""
_TOGETHER = 16
"""Structures that are evaluated together, except on a CPU or outside JAX."""


class Landscape:
    r"""Energies (eV), gradients and Hessians in coordinates $x = \sqrt{m}\,r$ of the atoms that move, amu^½ Å.

    Hessians are exact: forward-mode derivatives of the forces. Arrays are those of the host in double precision; one
    compiled program serves all structures, and all isotopes.
    """

    def __init__(self, system: System, potential: AbstractPotential, *, curved: bool = True):
        """`curved`: Hessians will be asked for.

        **Raises:** `InputError` for what the potential cannot evaluate, or not differentiate twice.
        """
        if curved and not potential.differentiable:
            raise InputError(
                f"{potential.spec.registered_name} is evaluated outside JAX and has no second derivatives, which "
                "instantons and rates are computed with; take a built-in or a trained potential"
            )
        check(system)
        potential.check(system)
        # Which atoms are held is known here; without it one program serves all.
        self.system = dataclasses.replace(system.astype(potential.spec.state_precision), mobile=None, momenta=None)
        self.potential = potential
        everybody = np.ones(len(system.numbers), bool)
        self.mobile = everybody if system.mobile is None else np.asarray(system.mobile)
        if not self.mobile.any():
            raise InputError("all atoms are held in place; free those that react")
        self._table: Neighbors | None = None

    @property
    def masses(self) -> Float[np.ndarray, " mobile"]:
        """Of the atoms that move, amu."""
        return np.asarray(self.system.masses, float)[self.mobile]

    @property
    def roots(self) -> Float[np.ndarray, " coordinates"]:
        """The root of the mass that belongs to each coordinate."""
        return np.repeat(np.sqrt(self.masses), 3)

    @property
    def start(self) -> Float[np.ndarray, " coordinates"]:
        """Where the structure itself is."""
        return np.asarray(self.system.positions, float)[self.mobile].ravel() * self.roots

    def positions(self, x: Float[np.ndarray, "structures coordinates"]) -> Float[np.ndarray, "structures atoms 3"]:
        """Of all atoms, Å, in the order of the system."""
        places = np.tile(np.asarray(self.system.positions, float), (len(x), 1, 1))
        places[:, self.mobile] = (x / self.roots).reshape(len(x), -1, 3)
        return places

    def energies(self, x: Float[np.ndarray, "structures coordinates"]) -> Float[np.ndarray, " structures"]:
        """eV."""
        return self.slopes(x)[0]

    def slopes(
        self, x: Float[np.ndarray, "structures coordinates"]
    ) -> tuple[Float[np.ndarray, " structures"], Float[np.ndarray, "structures coordinates"]]:
        """Energies and gradients."""
        found = [_forces(self.potential, table, self.system, places) for table, places in self._pieces(x)]
        energies, forces = (
            np.concatenate([np.asarray(piece, float) for piece in pieces]) for pieces in zip(*found, strict=True)
        )
        return energies[: len(x)], -forces[: len(x), self.mobile].reshape(len(x), -1) / self.roots

    def hessians(
        self, x: Float[np.ndarray, "structures coordinates"]
    ) -> Float[np.ndarray, "structures coordinates coordinates2"]:
        """Second derivatives; the frequencies of a structure are the roots of the eigenvalues."""
        moving = jnp.asarray(np.flatnonzero(np.repeat(self.mobile, 3)))
        found = [_hessians(self.potential, table, self.system, places, moving) for table, places in self._pieces(x)]
        matrices = np.concatenate([np.asarray(piece, float) for piece in found])[: len(x)]
        matrices = matrices / (self.roots * self.roots[:, None])
        return (matrices + matrices.swapaxes(1, 2)) / 2

    def _pieces(self, x) -> Iterator[tuple[Neighbors, Float[Array, "together atoms 3"]]]:
        """Structures in groups of one size, the last one filled up, and the table that serves all."""
        places = self.positions(x)
        table = self._table_of(places)
        alone = jax.default_backend() == "cpu" or not self.potential.differentiable
        size = 1 if alone else _TOGETHER
        for begin in range(0, len(places), size):
            piece = places[begin : begin + size]
            full = np.concatenate([piece, np.repeat(piece[-1:], size - len(piece), axis=0)])
            yield table, jnp.asarray(full, self.system.positions.dtype)

    def _table_of(self, places: Float[np.ndarray, "structures atoms 3"]) -> Neighbors:
        """One table for all these structures."""
        table = self._table
        if table is not None and _reach(places, np.asarray(self.system.positions)) <= table.grid.skin / 2:
            return table
        skin = max(_SKIN, 2.5 * _reach(places, np.asarray(self.system.positions)))
        self._table = finder(self.potential.cutoff, skin, reverse=self.potential.needs_reverse).allocate(self.system)
        return self._table


@eqx.filter_jit
def _forces(potential, table: Neighbors, system: System, places: Float[Array, "structures atoms 3"]):
    return jax.vmap(lambda positions: _surface(potential, table, system, positions))(places)


@eqx.filter_jit
def _hessians(potential, table: Neighbors, system: System, places, moving: Int[Array, " coordinates"]):
    """Of the coordinates of atoms that move, eV/Å²."""

    def column(positions, direction):
        def force(flat):
            return _surface(potential, table, system, flat.reshape(-1, 3))[1].ravel()

        along = jnp.zeros(positions.size, positions.dtype).at[direction].set(1)
        return -jax.jvp(force, (positions.ravel(),), (along,))[1][moving]

    def one(positions):
        return jax.lax.map(lambda direction: column(positions, direction), moving, batch_size=_DIRECTIONS)

    return jax.vmap(one)(places)


def _surface(potential, table: Neighbors, system: System, positions: Float[Array, "atoms 3"]):
    """Energy and forces, in the order of the system."""
    order = table.order
    energies, forces, _ = potential.measure(Edges(positions[order].T, system.cell, system.numbers[order], table))
    return energies.sum(), forces.T[jnp.argsort(order)]


def _reach(places: np.ndarray, reference: np.ndarray) -> float:
    """How far from its place any atom is, Å."""
    return float(np.linalg.norm(places - reference, axis=-1).max())
