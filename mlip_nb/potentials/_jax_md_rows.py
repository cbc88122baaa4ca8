"""Our neighbour table as jax_md reads it: rows in the caller's order, one of its three formats of lists."""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from ..neighbors import Grid, complete_cell
from ._base import Edges, Parts


class Rows(eqx.Module):
    """Atoms and their neighbours as rows in the caller's order, a small cell repeated.

    jax_md knows the nearest image of a neighbour and no other. A cell too small for that is repeated until it suffices;
    energies of the repeated cell are shared out again by `parts`.
    """

    positions: Float[Array, "copied_atoms 3"]
    numbers: Int[Array, " copied_atoms"]
    cell: Float[Array, "3 3"]
    """Repeated; unit vectors along directions that are not periodic."""
    others: Int[Array, "copied_atoms slots"]
    used: Bool[Array, "copied_atoms slots"]
    order: Int[Array, " atoms"]
    pbc: tuple[bool, bool, bool] = eqx.field(static=True)

    @classmethod
    def of(cls, edges: Edges) -> "Rows":
        """Those of a system in table order."""
        table, repeats = edges.neighbors, repetitions(edges.neighbors.grid)
        copies = np.stack(np.meshgrid(*map(np.arange, repeats), indexing="ij"), -1).reshape(-1, 3)
        rank, basis = jnp.argsort(table.order), complete_cell(edges.cell, table.grid.pbc)
        others = table.order[table.others[:, rank]].T
        shifts = (
            jnp.zeros((3, 1, 1), jnp.int32) if table.shifts is None else table.shifts[:, :, rank].transpose(0, 2, 1)
        )
        copy = [(copies[:, axis, None, None] + shifts[axis]) % repeats[axis] for axis in range(3)]
        index = (copy[0] * repeats[1] + copy[1]) * repeats[2] + copy[2]
        others = index * len(rank) + others
        return cls(
            positions=(edges.positions[:, rank].T + (copies @ basis)[:, None]).reshape(-1, 3),
            numbers=jnp.tile(edges.numbers[rank], len(copies)),
            cell=jnp.asarray(repeats, basis.dtype)[:, None] * basis,
            others=others.reshape(len(copies) * len(rank), -1).astype(jnp.int32),
            used=jnp.tile(table.used()[:, rank].T, (len(copies), 1)),
            order=table.order,
            pbc=table.grid.pbc,
        )

    @property
    def copies(self) -> int:
        """How often the cell is repeated."""
        return len(self.numbers) // len(self.order)

    def displacement(self, strain: Float[Array, "3 3"]):
        """jax_md's displacement function in this cell: the nearest image of `a - b`, strained."""
        inverse, deformation = jnp.linalg.inv(self.cell), jnp.eye(3, dtype=strain.dtype) + strain

        def displacement(a, b, **unused):
            away = a - b
            images = jnp.where(jnp.array(self.pbc), jnp.round(away @ inverse), 0)
            return (away - images @ self.cell) @ deformation

        return displacement

    def neighbor_list(self, layout: str, *, mask_self: bool):
        """jax_md's `NeighborList`: `layout` is Dense, Sparse or OrderedSparse."""
        from jax_md import partition

        others, used = self.others, self.used
        if not mask_self:
            # What embeds an atom in the density of all asks for the atom itself, too.
            own = jnp.arange(len(others), dtype=others.dtype)[:, None]
            others, used = jnp.hstack([own, others]), jnp.hstack([jnp.ones_like(own, bool), used])
        index = _dense(others, used) if layout == "Dense" else _sparse(others, used, ordered=layout != "Sparse")
        return partition.NeighborList(
            idx=index,
            reference_position=self.positions,
            error=partition.PartitionError(jnp.zeros((), jnp.uint8)),
            cell_list_capacity=None,
            max_occupancy=index.shape[-1],
            format=partition.NeighborListFormat[layout],
            cell_size=None,
            cell_list_fn=None,
            update_fn=None,
        )

    def parts(self, energies: Float[Array, "*copied_atoms"], slopes: Float[Array, "copied_atoms 3"], strain) -> Parts:
        """One cell's share of the energies, of their gradient and of the strain derivative, in table order.

        A function that gives only the total has its energy shared out equally.
        """
        copied, atoms = len(self.numbers), len(self.order)
        energies = jnp.broadcast_to(energies if energies.ndim else energies / copied, (copied,))
        own = energies.reshape(-1, atoms).mean(axis=0)
        forces = -slopes.reshape(-1, atoms, 3).mean(axis=0)
        return own[self.order], forces[self.order].T, strain / self.copies


def repetitions(grid: Grid) -> tuple[int, int, int]:
    """How often to repeat a cell, so that its heights are at least twice the reach of the table."""
    if not grid.explicit_images:
        return (1, 1, 1)
    along, across, up = (
        math.ceil(2 * span / bins) if periodic else 1
        for span, bins, periodic in zip(grid.spans, grid.bins, grid.pbc, strict=True)
    )
    return along, across, up


def _dense(others, used) -> Int[Array, "atoms slots"]:
    return jnp.where(used, others, len(others))


def _sparse(others, used, *, ordered: bool) -> Int[Array, "2 edges"]:
    """Receivers and senders; each pair once when `ordered`."""
    senders = jnp.broadcast_to(jnp.arange(len(others), dtype=others.dtype)[:, None], others.shape)
    used = used & (others < senders) if ordered else used
    return jnp.stack([jnp.where(used, end, len(others)).ravel() for end in (others, senders)])
