"""The slot-major neighbour table: what a potential's edges come from."""

import abc
import math
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from ..system import System


@dataclass(frozen=True)
class Grid:
    """The shapes a table was allocated for. Static: a change means one more compilation."""

    cutoff: float
    """Interaction cutoff, Å."""
    skin: float
    """Extra reach, Å: the table serves until an atom has moved half of it."""
    slots: int
    """Capacity for neighbours of one atom."""
    bins: tuple[int, int, int]
    """Cells of the cell list along each lattice direction."""
    spans: tuple[int, int, int]
    """How many cells to either side can hold a neighbour."""
    explicit_images: bool
    """True when the cell is too small for the nearest image to be the only one."""
    orthorhombic: bool
    """True when the cell is diagonal: images are cheaper."""
    pbc: tuple[bool, bool, bool]
    reverse: bool = True
    """Whether slots of opposite edges are looked up: what has a fast path never asks for them."""

    def suits(self, cell: Float[Array, "3 3"]) -> Bool[Array, ""]:
        """False for a sheared cell where images are found as in a diagonal one."""
        return jnp.all(cell == jnp.diag(jnp.diag(cell))) if self.orthorhombic else jnp.ones((), bool)

    @property
    def reach(self) -> float:
        """Cutoff and skin, Å."""
        return self.cutoff + self.skin


class Neighbors(eqx.Module):
    """A fixed-shape table of directed pairs within cutoff + skin, one column an atom.

    Columns are in table order (atoms sorted by cell: neighbours are near in memory), and `order` tells the
    caller's index of each. Unused slots hold the atom itself, never 0, which would be somebody's neighbour.
    """

    others: Int[Array, "slots atoms"]
    reverse: Int[Array, "slots atoms"] | None
    """Slot of the opposite edge in the other atom's column; None when nobody asked for it."""
    shifts: Int[Array, "3 slots atoms"] | None
    """Lattice vectors added to `others`; None: the nearest image is meant."""
    counts: Int[Array, " atoms"]
    order: Int[Array, " atoms"]
    reference: Float[Array, "3 atoms"]
    """Positions at the rebuild, in table order."""
    cell: Float[Array, "3 3"]
    """The cell at the rebuild."""
    overflow: Bool[Array, ""]
    """True: something did not fit, and everything computed from this table is wrong."""
    grid: Grid = eqx.field(static=True)

    @classmethod
    def blank(cls, grid: Grid, system: System) -> "Neighbors":
        """A table of these shapes in which nobody has a neighbour."""
        atoms = jnp.arange(len(system.numbers), dtype=jnp.int32)
        table = jnp.broadcast_to(atoms, (grid.slots, len(atoms)))
        return cls(
            others=table,
            reverse=jnp.broadcast_to(jnp.arange(grid.slots, dtype=jnp.int32)[:, None], table.shape)
            if grid.reverse
            else None,
            shifts=jnp.zeros((3, *table.shape), jnp.int32) if grid.explicit_images else None,
            counts=jnp.zeros_like(atoms),
            order=atoms,
            reference=system.positions.T,
            cell=system.cell,
            overflow=jnp.zeros((), bool),
            grid=grid,
        )

    def used(self, slot=slice(None)) -> Bool[Array, "*slots atoms"]:
        """True where a slot holds a neighbour."""
        index = jnp.arange(self.others.shape[0], dtype=self.counts.dtype)[slot]
        return index[..., None] < self.counts

    def displacements(
        self,
        positions: Float[Array, "3 atoms"],
        cell: Float[Array, "3 3"],
        slot=slice(None),
        block: tuple[Int[Array, ""] | int, int] | None = None,
    ) -> list[Float[Array, "*slots own_atoms"]]:
        """x, y, z of the vectors from each atom to its neighbours, Å; positions in table order.

        `slot` picks one slot (a traced integer) or all, and `block` some of the atoms: see `block_of`. Components come
        apart because a loop over slots keeps three vectors in registers where one `[3, atoms]` array would be stored
        and loaded again.
        """
        others = block_of(self.others[slot], block)
        along = [_gather(axis, others) - block_of(axis, block) for axis in positions]
        if self.shifts is not None:
            images = [block_of(axis[slot], block).astype(positions.dtype) for axis in self.shifts]
            return add_images(along, images, cell, orthorhombic=self.grid.orthorhombic)
        return nearest_image(along, cell, self.grid.pbc, orthorhombic=self.grid.orthorhombic)

    def complete(self, positions: Float[Array, "3 atoms"], cell: Float[Array, "3 3"] | None = None) -> Bool[Array, ""]:
        """True while no pair within the cutoff can be missing: nobody has left the skin.

        A `cell` that differs from that of the rebuild carries everybody along; only what atoms do beyond that
        counts, and the skin is thinner by what the deformation F takes from a distance, |F - 1| at most.
        """
        if math.isinf(self.grid.skin):
            return jnp.ones((), bool)
        if cell is None:
            return _moved(positions, self.reference) <= (self.grid.skin / 2) ** 2
        change = jnp.linalg.inv(complete_cell(self.cell, self.grid.pbc)) @ complete_cell(cell, self.grid.pbc)
        strain = jnp.linalg.norm(change - jnp.eye(3, dtype=cell.dtype))
        skin = self.grid.skin - self.grid.reach * strain
        stays = _moved(positions, change.T @ self.reference) <= (skin / 2) ** 2
        return (skin >= 0) & stays & self.grid.suits(cell)


class AbstractNeighborFinder(eqx.Module):
    """Finds neighbours: `allocate` picks shapes on the host, `update` fills them inside jit."""

    cutoff: eqx.AbstractVar[float]
    skin: eqx.AbstractVar[float]

    @abc.abstractmethod
    def allocate(self, system: System, *, spare: float = 1.25) -> Neighbors:
        """A table with room for `spare` times the neighbours there are now."""

    @abc.abstractmethod
    def grid(self, system: System, *, spare: float = 1.25) -> Grid:
        """Fitting shapes for a table: for a loop whose first act is an update."""

    @abc.abstractmethod
    def update(self, neighbors: Neighbors, system: System) -> Neighbors:
        """The table of the same shape for the system as it is now; `overflow` tells when it does not fit."""


def complete_cell(cell: Float[Array, "3 3"], pbc: tuple[bool, bool, bool]) -> Float[Array, "3 3"]:
    """The lattice with directions that are not periodic replaced by unit vectors normal to the others."""
    missing = [axis for axis in range(3) if not pbc[axis]]
    if not missing:
        return cell
    rows = [cell[axis] if pbc[axis] else None for axis in range(3)]
    if len(missing) == 3:
        return jnp.eye(3, dtype=cell.dtype)
    if len(missing) == 2:
        (kept,) = (axis for axis in range(3) if pbc[axis])
        # The Cartesian axis least along the lattice vector is never parallel to it.
        helper = jnp.eye(3, dtype=cell.dtype)[jnp.argmin(jnp.abs(cell[kept]))]
        rows[(kept + 1) % 3] = _unit(jnp.cross(cell[kept], helper))
    for axis in range(3):
        if rows[axis] is None:
            rows[axis] = _unit(jnp.cross(rows[(axis + 1) % 3], rows[(axis + 2) % 3]))
    return jnp.stack(rows)


def nearest_image(along: list, cell: Float[Array, "3 3"], pbc: tuple[bool, bool, bool], *, orthorhombic: bool) -> list:
    """Components of the nearest image of a vector.

    Exact for vectors shorter than half the smallest height of the cell: their fractional components stay
    below one half, whatever the shape of the cell.
    """
    if not any(pbc):
        return along
    if orthorhombic:
        return [
            d - cell[axis, axis] * jnp.round(d * (1 / cell[axis, axis])) if pbc[axis] else d
            for axis, d in enumerate(along)
        ]
    inverse = jnp.linalg.inv(complete_cell(cell, pbc))
    images = [-jnp.round(sum(along[a] * inverse[a, axis] for a in range(3))) if pbc[axis] else 0 for axis in range(3)]
    return add_images(along, images, cell, orthorhombic=False)


def add_images(along: list, images: list, cell: Float[Array, "3 3"], *, orthorhombic: bool) -> list:
    """Components of a vector with `images` lattice vectors added."""
    if orthorhombic:
        return [along[axis] + images[axis] * cell[axis, axis] for axis in range(3)]
    return [along[a] + sum(images[axis] * cell[axis, a] for axis in range(3)) for a in range(3)]


def block_of(
    values: Shaped[Array, "*features atoms"], block: tuple[Int[Array, ""] | int, int] | None
) -> Shaped[Array, "*features own_atoms"]:
    """A quantity of `(begin, size)` atoms, or of all.

    Taken slot by slot: to cut a table once, before a loop over its slots, would copy it.
    """
    return values if block is None else jax.lax.dynamic_slice_in_dim(values, *block, axis=-1)


def _moved(positions: Float[Array, "3 atoms"], reference: Float[Array, "3 atoms"]) -> Float[Array, ""]:
    """The largest squared displacement, Å²."""
    return jnp.max(jnp.sum((positions - reference) ** 2, axis=0))


def _gather(values: Array, index: Int[Array, "..."]) -> Array:
    return values.at[index].get(mode="promise_in_bounds")


def _unit(vector: Float[Array, "3"]) -> Float[Array, "3"]:
    return vector / jnp.linalg.norm(vector)
