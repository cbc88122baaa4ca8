"""Any potential of ours as jax_md's pair of functions: a neighbour list and an energy."""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..errors import InputError
from ..neighbors import AbstractNeighborFinder, Neighbors, complete_cell, finder
from ..potentials import AbstractPotential, Edges, differentiable
from ..system import System, check


class Space(eqx.Module):
    """How jax_md writes positions: real or fractional, in a box whose columns are lattice vectors."""

    system: System
    fractional: bool = eqx.field(static=True)

    def place(self, coordinates: Float[Array, "atoms 3"], box: Any = None, perturbation: Any = None) -> System:
        """The system that jax_md means; as in jax_md, gradients by fractional coordinates are those in real space."""
        from jax_md import space

        cell = self.system.cell if box is None else _matrix(box).T.astype(self.system.cell.dtype)
        positions = space.transform(cell.T, coordinates) if self.fractional else coordinates
        if perturbation is not None:
            deformation = _matrix(perturbation).T
            positions, cell = positions @ deformation, cell @ deformation
        return System(positions, self.system.numbers, self.system.masses, cell, None, self.system.pbc)


class JaxMDNeighbors(eqx.Module):
    """Our neighbour table in the clothes of jax_md's `NeighborList`."""

    table: Neighbors
    did_buffer_overflow: Bool[Array, ""]
    """True from the first list that did not fit until the next `allocate`: all energies since are wrong."""
    reference_position: Float[Array, "atoms 3"]
    finder: AbstractNeighborFinder
    space: Space

    @property
    def idx(self) -> Int[Array, "atoms slots"]:
        """Neighbours of each atom; the number of atoms where a slot is not used (jax_md's format `Dense`)."""
        table = self.table
        used = jnp.where(table.used(), table.order[table.others], len(table.order))
        return used[:, jnp.argsort(table.order)].T

    @property
    def format(self):
        """jax_md's name for this layout."""
        from jax_md import partition

        return partition.Dense

    @property
    def max_occupancy(self) -> int:
        """Neighbours there is room for."""
        return self.table.grid.slots

    def update(self, position: Float[Array, "atoms 3"], **arguments: Any) -> "JaxMDNeighbors":
        """The list for these positions; the same one while nobody has left the skin."""
        system = self.space.place(position, arguments.get("box"))
        edges = _edges(system, self.table)
        table = jax.lax.cond(
            self.table.complete(edges.positions, system.cell),
            lambda: self.table,
            lambda: self.finder.update(self.table, system),
        )
        kept = jnp.all(table.reference == self.table.reference)
        reference = jnp.where(kept, self.reference_position, position)
        return JaxMDNeighbors(table, self.did_buffer_overflow | table.overflow, reference, self.finder, self.space)


def to_jax_md(
    potential: AbstractPotential, system: System, *, fractional_coordinates: bool = False, skin: float = 0.5
) -> tuple[Any, Callable[..., Float[Array, ""]]]:
    """jax_md's `(neighbor_fn, energy_fn)` of a potential for the atoms and the cell of a system.

    `energy_fn(R, neighbor, box=..., perturbation=...)` in eV; R in Å, or fractional. Its gradient comes from the fast
    path, and has derivatives in turn. With Å, eV and amu jax_md's time is in units of 10.18 fs
    (`mlip_nb.units.FEMTOSECOND`).

    **Raises:** `InputError` for a system the potential does not cover.
    """
    from jax_md import partition

    check(system)
    potential.check(system)
    space = Space(system.astype(potential.spec.state_precision), fractional_coordinates)
    search = finder(potential.cutoff, skin)

    def allocate(position, extra_capacity: int = 0, **arguments: Any) -> JaxMDNeighbors:
        system = space.place(jnp.asarray(position), arguments.get("box"))
        table = search.allocate(system)
        if extra_capacity:
            table = search.allocate(system, spare=(table.grid.slots + extra_capacity) / max(1, int(table.counts.max())))
        return JaxMDNeighbors(table, jnp.zeros((), bool), jnp.asarray(position), search, space)

    def update(position, neighbor: JaxMDNeighbors, **arguments: Any) -> JaxMDNeighbors:
        return neighbor.update(position, **arguments)

    def energy(position, neighbor: JaxMDNeighbors, box=None, perturbation=None, new_box=None, **unused: Any):
        if new_box is not None:
            raise InputError("new_box is not understood; give the deformation as perturbation=")
        return _energy(potential, _edges(space.place(position, box, perturbation), neighbor.table))

    return partition.NeighborListFns(allocate, update), energy


def _edges(system: System, table: Neighbors) -> Edges:
    """In table order, followed from the positions of the rebuild: jax_md wraps atoms as they go."""
    positions = system.positions[table.order].T
    images = _fractional(positions, system.cell, table) - _fractional(table.reference, table.cell, table)
    passed = jnp.where(jnp.array(system.pbc)[:, None], jnp.round(images), 0)
    return Edges(
        positions - complete_cell(system.cell, system.pbc).T @ passed, system.cell, system.numbers[table.order], table
    )


def _fractional(positions, cell, table: Neighbors) -> Float[Array, "3 atoms"]:
    return jnp.linalg.inv(complete_cell(cell, table.grid.pbc)).T @ positions


def _energy(potential: AbstractPotential, edges: Edges) -> Float[Array, ""]:
    """The total, with a derivative by forces and strain: they cost less than the gradient of an energy."""
    parameters, rest = eqx.partition(potential, eqx.is_inexact_array)
    constants, form = eqx.partition(rest, eqx.is_array)
    fixed = jax.lax.stop_gradient((constants, edges.numbers, edges.neighbors))

    def parts(parameters, positions, cell, fixed):
        constants, numbers, table = fixed
        return differentiable(eqx.combine(parameters, constants, form))(Edges(positions, cell, numbers, table))

    @jax.custom_jvp
    def energy(*primals):
        return parts(*primals)[0].sum()

    @partial(energy.defjvp, symbolic_zeros=True)
    def rule(primals, tangents):
        parameters, positions, cell, fixed = primals
        by_parameters, along, by_cell, _ = tangents
        energies, forces, strain = parts(*primals)
        change = jnp.zeros_like(energies[0])
        if not all(map(_is_zero, jax.tree.leaves(by_parameters))):
            by_parameters = jax.tree.map(_given, by_parameters, parameters)
            change += jax.jvp(lambda p: parts(p, *primals[1:])[0].sum(), (parameters,), (by_parameters,))[1]
        along = _given(along, positions)
        if not _is_zero(by_cell):
            # A moving cell strains everybody; the forces see what positions do beyond that.
            pbc = fixed[2].grid.pbc
            moving = jnp.where(jnp.array(pbc)[:, None], by_cell, 0)
            by_strain = jnp.linalg.solve(complete_cell(cell, pbc), moving)
            change += jnp.sum(strain * by_strain.T)
            along -= by_strain.T @ positions
        return energies.sum(), change - jnp.sum(forces * along)

    return energy(parameters, edges.positions, edges.cell, fixed)


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, jax.custom_derivatives.SymbolicZero)


def _given(tangent: Any, primal: Array) -> Array:
    return jnp.zeros_like(primal) if _is_zero(tangent) else tangent


def _matrix(box: Any) -> Float[Array, "3 3"]:
    """jax_md writes a cube as a number and a cuboid as three."""
    box = jnp.asarray(box)
    return box if box.ndim == 2 else box * jnp.eye(3, dtype=box.dtype)
