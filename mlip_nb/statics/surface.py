"""The energy of a structure as a function of positions and cell, over neighbours that stay who they are."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..errors import InputError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractGraphPotential, AbstractPotential, Edges
from ..system import System, check

Positions = Float[Array, "atoms 3"]
Cell = Float[Array, "3 3"]
Energy = Callable[[Positions, Cell], Float[Array, ""]]
"""Of Cartesian positions and lattice vectors in rows, eV."""
Slopes = Callable[[Positions, Cell], tuple[Positions, Cell]]
"""Forces, eV/Å, and the strain derivative of the energy, eV: volume times stress, tension positive."""


_SPARE = 1.5
"""Slots over the neighbours there are, where atoms move."""


def check_differentiable(potential: AbstractPotential) -> None:
    """**Raises:** `InputError` for a potential without second derivatives."""
    if not potential.differentiable:
        raise InputError(
            f"{potential.spec.registered_name} is evaluated outside JAX and has no second derivatives; take a built-in "
            "or a trained potential"
        )


class Surface(eqx.Module):
    """Energy and slopes of a structure, in the order of its atoms, for as long as one table of neighbours serves.

    All that is computed from it can be differentiated by the parameters of the potential, positions and cell.
    """

    potential: AbstractPotential
    numbers: Int[Array, " atoms"]
    neighbors: Neighbors

    @classmethod
    def of(cls, system: System, potential: AbstractPotential, skin: float = 0.0) -> "Surface":
        """With neighbours up to `skin` (Å) beyond the cutoff; at the structure itself none are needed.

        **Raises:** `InputError` for what the potential cannot evaluate.
        """
        check(system)
        potential.check(system)
        system = system.astype(potential.spec.state_precision)
        table = finder(potential.cutoff, skin).allocate(system, spare=_SPARE if skin else 1.0)
        # A strain shears: the table must not take the cell for a straight one, nor do derivatives by it.
        grid = dataclasses.replace(table.grid, orthorhombic=False)
        return cls(potential, system.numbers, dataclasses.replace(table, grid=grid))

    def renewed(self, system: System) -> "Surface":
        """The same for the atoms where they are now; of the same shapes, and so without a compilation, if they do."""
        grid = self.neighbors.grid
        fresh = finder(grid.cutoff, grid.skin).update(self.neighbors, system)
        if bool(fresh.overflow):
            return Surface.of(system, self.potential, grid.skin)
        return eqx.tree_at(lambda surface: surface.neighbors, self, fresh)

    def energy(self, positions: Positions, cell: Cell) -> Float[Array, ""]:
        """eV; as often differentiable, in whatever mode, as the one method of the potential."""
        edges = self._edges(positions, cell)
        if not isinstance(self.potential, AbstractGraphPotential):
            return jnp.sum(self.potential.compute(edges)[0])
        graph = self.potential.graph(edges, jnp.stack(edges.vectors()))
        return jnp.sum(self.potential.atomic_energies(graph))

    def slopes(self, positions: Positions, cell: Cell) -> tuple[Positions, Cell]:
        """By the fast path of the potential; to be differentiated once more in forward mode only."""
        return self.measure(positions, cell)[1:]

    def measure(self, positions: Positions, cell: Cell) -> tuple[Float[Array, ""], Positions, Cell]:
        """Energy and slopes."""
        energies, forces, strain = self.potential.measure(self._edges(positions, cell))
        return energies.sum(), forces.T[jnp.argsort(self.neighbors.order)], strain

    def serves(self, positions: Positions, cell: Cell) -> Bool[Array, ""]:
        """False when a pair of atoms may be missing."""
        return self.neighbors.complete(positions[self.neighbors.order].T, cell) & ~self.neighbors.overflow

    def _edges(self, positions: Positions, cell: Cell) -> Edges:
        order = self.neighbors.order
        return Edges(positions[order].T, cell, self.numbers[order], self.neighbors)


def slopes_of(energy: Energy) -> Slopes:
    """Slopes of any energy, by reverse mode: what is made of them can be differentiated by whatever it depends on."""

    def slopes(positions, cell):
        by_positions, by_strain = jax.grad(_strained(energy), argnums=(0, 1))(positions, jnp.zeros_like(cell), cell)
        return -by_positions, by_strain

    return slopes


def _strained(energy: Energy):
    def of_strain(positions, strain, cell):
        deformation = jnp.eye(3, dtype=cell.dtype) + strain
        return energy(positions @ deformation.T, cell @ deformation.T)

    return of_strain
