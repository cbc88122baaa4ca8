"""What is designed, as physics sees it: atoms that may be mixtures, and a potential whose parameters may change."""

import dataclasses
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import atomic_masses, atomic_numbers
from jaxtyping import Array, Bool, Float

from ..errors import InputError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractGraphPotential, AbstractPotential, Edges, Graph
from ..system import System, check

_SPARE = 1.6
"""Room of a table for neighbours that a design may bring."""
_LEAST_SPARE = 1.2


class Medium(eqx.Module):
    """What atoms are made of and how they interact, in a scale of lengths and energies."""

    potential: AbstractGraphPotential
    weights: Float[Array, "elements atoms"] | None
    """Shares of the elements of the potential on each site; None: atoms are what they are."""
    length: Float[Array, ""]
    """All lengths of the potential times this, its cutoff included."""
    energy: Float[Array, ""]
    """All energies of the potential times this."""
    pressure: Float[Array, ""] | None
    """Outside, eV/Å³; None: there is none, and nobody asks for the derivative of a volume."""


class Arrangement(eqx.Module):
    """Where atoms are, in the order of the system."""

    positions: Float[Array, "atoms 3"]
    """Å."""
    cell: Float[Array, "3 3"]
    """Lattice vectors in rows, Å."""

    @property
    def volume(self) -> Float[Array, ""]:
        """Å³."""
        return jnp.abs(jnp.linalg.det(self.cell))


class Stage(eqx.Module):
    """The structure that a design begins with, and the shapes of a table of neighbours that serves what it becomes."""

    system: System
    table: Neighbors

    @classmethod
    def of(cls, system: System, potential: AbstractPotential, *, stretch: float = 1.0, skin: float = 0.1) -> "Stage":
        """`stretch` is how much longer than now the potential may reach; `skin` is in units of the reach.

        **Raises:** `InputError` for what the potential cannot evaluate, or not differentiate.
        """
        if not isinstance(potential, AbstractGraphPotential):
            raise InputError(
                f"{potential.spec.registered_name} has no derivatives of its energy by edges, along which a design "
                "moves; take a built-in or a trained potential"
            )
        check(system)
        potential.check(system)
        reach = potential.cutoff * stretch
        table = finder(reach, skin * reach + 0.3).allocate(system, spare=_SPARE)
        # A cell that is strained is no straight one, nor are derivatives by it.
        grid = dataclasses.replace(table.grid, orthorhombic=False)
        return cls(system, dataclasses.replace(table, grid=grid))

    def neighbors(self, near: Arrangement) -> Neighbors:
        """Who is near whom around an arrangement; not differentiated."""
        grid = self.table.grid
        return finder(grid.cutoff, grid.skin).update(self.table, self._placed(jax.lax.stop_gradient(near)))

    def with_room_for(self, crowded: Arrangement, shrunk: float) -> "Stage":
        """The same with shapes for an arrangement that is shrunk by a factor: denser everywhere than it is.

        The cells of the search become finer; room for neighbours grows only when what is spared does not do.
        """
        grid, near = self.table.grid, Arrangement(shrunk * crowded.positions, shrunk * crowded.cell)
        spare = max(_LEAST_SPARE, _SPARE * shrunk**3)
        table = finder(grid.cutoff, grid.skin).allocate(self._placed(near), spare=spare)
        return Stage(self.system, dataclasses.replace(table, grid=dataclasses.replace(table.grid, orthorhombic=False)))

    def _placed(self, near: Arrangement) -> System:
        return eqx.tree_at(lambda s: (s.positions, s.cell), self.system, (near.positions, near.cell))

    def serves(self, medium: Medium, table: Neighbors, here: Arrangement) -> Bool[Array, ""]:
        """False when a pair of atoms may be missing."""
        reached = medium.length * medium.potential.cutoff <= table.grid.cutoff * (1 + 1e-12)
        return table.complete(here.positions[table.order].T, here.cell) & ~table.overflow & reached

    def graph(self, medium: Medium, table: Neighbors, here: Arrangement) -> Graph:
        """What the potential sees, in units of its own length and in the order of the table."""
        edges = Edges(here.positions[table.order].T, here.cell, self.system.numbers[table.order], table)
        graph = medium.potential.graph(edges, jnp.stack(edges.vectors()) / medium.length)
        return graph if medium.weights is None else dataclasses.replace(graph, species=medium.weights[:, table.order])

    def energies(self, medium: Medium, table: Neighbors, here: Arrangement) -> Float[Array, " atoms"]:
        """Of the atoms in the order of the table, eV; as often differentiable as the one method of the potential."""
        return medium.energy * medium.potential.atomic_energies(self.graph(medium, table, here))

    def energy(self, medium: Medium, table: Neighbors, here: Arrangement) -> Float[Array, ""]:
        """eV."""
        return jnp.sum(self.energies(medium, table, here))

    def enthalpy(self, medium: Medium, table: Neighbors, here: Arrangement) -> Float[Array, ""]:
        """Energy and the work against the pressure outside, eV."""
        work = 0.0 if medium.pressure is None else medium.pressure * here.volume
        return self.energy(medium, table, here) + work

    def masses(self, medium: Medium) -> Float[Array, " atoms"]:
        """Of a mixture the mean, amu."""
        if medium.weights is None:
            return self.system.masses
        return elemental_masses(medium.potential) @ medium.weights


def elemental_masses(potential: AbstractPotential) -> Float[Array, " elements"]:
    """Of the elements that a potential covers, amu."""
    return jnp.asarray([atomic_masses[atomic_numbers[symbol]] for symbol in potential.spec.elements or ()])


Module = TypeVar("Module", bound=eqx.Module)


def in_double(module: Module) -> Module:
    """The same with its parameters in double precision, in which forces vanish to many digits at a minimum."""
    numbers, rest = eqx.partition(module, eqx.is_inexact_array)
    return eqx.combine(jax.tree.map(lambda leaf: leaf.astype(float), numbers), rest)


def shares_of(system: System, potential: AbstractPotential) -> Float[np.ndarray, "elements atoms"]:
    """One where a site has an element, zero elsewhere.

    **Raises:** `InputError` for potentials that know no mixtures.
    """
    elements = potential.spec.elements
    # A potential that takes any element takes all for the same.
    if not potential.mixes or not elements:
        raise InputError(
            f"{potential.spec.registered_name} knows no mixtures of elements; to vary species take stillinger-weber, a "
            "potential of pairs with a table of elements, or a trained potential of several elements"
        )
    return np.array([[float(symbol == element) for symbol in system.symbols] for element in elements])
