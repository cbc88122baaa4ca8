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

        **Raises:** `InputError` for what the potential cannot evaluate, or not differentiate.
        """
        if not potential.differentiable:
            raise InputError(
                f"{potential.spec.registered_name} is evaluated outside JAX and has no derivatives; take a built-in or "
                "a trained potential"
            )
        check(system)
        potential.check(system)
        table = finder(potential.cutoff, skin).allocate(system.astype(potential.spec.state_precision))
        # A strain shears: the table must not take the cell for a straight one, nor do derivatives by it.
        grid = dataclasses.replace(table.grid, orthorhombic=False)
        return cls(potential, system.numbers, dataclasses.replace(table, grid=grid))

    def energy(self, positions: Positions, cell: Cell) -> Float[Array, ""]:
        """eV; as often differentiable, in whatever mode, as the one method of the potential."""
        edges = self._edges(positions, cell)
        if not isinstance(self.potential, AbstractGraphPotential):
            return jnp.sum(self.potential.compute(edges)[0])
        graph = self.potential.graph(edges, jnp.stack(edges.vectors()))
        return jnp.sum(self.potential.atomic_energies(graph))

    def slopes(self, positions: Positions, cell: Cell) -> tuple[Positions, Cell]:
        """By the fast path of the potential; to be differentiated once more in forward mode only."""
        _, forces, strain = self.potential.measure(self._edges(positions, cell))
        return forces.T[jnp.argsort(self.neighbors.order)], strain

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
