"""Room for neighbours: shapes of tables that suit every replica, and larger ones when somebody overflows."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..neighbors import Grid, Neighbors, finder
from ..system import System
from ._advance import Progress
from ._base import AbstractIntegrator
from ._replicas import pick, stack

SPARE = 1.25
"""Slots of a table over the neighbours there are."""
_GROWTH = 1.2
"""How much more each time the room did not do."""


def fitting_grid(
    systems: Sequence[System],
    integrator: AbstractIntegrator,
    cutoff: float,
    skin: float,
    attempt: int = 0,
    *,
    reverse: bool = True,
) -> Grid:
    """Shapes of a table that suit each of these systems and any cell the integrator may bring it to.

    Every further attempt makes it larger.
    """
    spare = SPARE * _GROWTH**attempt
    grids = [finder(cutoff, skin, reverse=reverse).grid(system, spare=spare) for system in systems]
    grid = _common(grids)
    return dataclasses.replace(grid, orthorhombic=grid.orthorhombic and not integrator.shears)


def with_more_room(progress: Progress, attempt: int, integrator: AbstractIntegrator) -> Progress:
    """The same replicas with larger tables; nothing was computed from one that overflowed.

    Whoever had room enough keeps the table, as long as cells stay the same: its trajectory must not tell that
    another replica needed more.
    """
    grid, full = progress.neighbors.grid, np.asarray(progress.neighbors.overflow)
    systems = [pick(progress.state, index).system(grid.pbc) for index in range(len(full))]
    needed = [system for system, overflows in zip(systems, full, strict=True) if overflows]
    larger = fitting_grid(needed, integrator, grid.cutoff, grid.skin, attempt, reverse=grid.reverse)
    if not _same_cells(larger, grid):
        larger = fitting_grid(systems, integrator, grid.cutoff, grid.skin, attempt, reverse=grid.reverse)
    keeps = _same_cells(larger, grid)
    shape = dataclasses.replace(larger, slots=max(larger.slots, grid.slots))
    tables = stack([Neighbors.blank(shape, system) for system in systems])
    anew = jnp.asarray(full) if keeps else jnp.ones(len(full), bool)
    return eqx.tree_at(
        lambda p: (p.neighbors, p.stale, p.rebuilt),
        progress,
        (_filled(tables, progress.neighbors, anew) if keeps else tables, progress.stale | anew, _never(progress, anew)),
        is_leaf=lambda leaf: leaf is progress.neighbors,
    )


def with_skin(progress: Progress, skin: float, integrator: AbstractIntegrator) -> Progress:
    """The same replicas with tables of another skin, all of them to be filled; nobody is stuck any more."""
    grid, replicas = progress.neighbors.grid, len(progress.stuck)
    systems = [pick(progress.state, index).system(grid.pbc) for index in range(replicas)]
    wider = fitting_grid(systems, integrator, grid.cutoff, skin, reverse=grid.reverse)
    blank, everybody = stack([Neighbors.blank(wider, system) for system in systems]), jnp.ones(replicas, bool)
    return eqx.tree_at(
        lambda p: (p.neighbors, p.stale, p.rebuilt, p.stuck),
        progress,
        (blank, everybody, _never(progress, everybody), ~everybody),
        is_leaf=lambda leaf: leaf is progress.neighbors,
    )


def _filled(blank: Neighbors, tables: Neighbors, anew) -> Neighbors:
    """Wider tables with the former entries, except where a table is to be made anew."""

    def fill(wide, narrow):
        filled = jax.lax.dynamic_update_slice(wide, narrow, (0,) * wide.ndim)
        return jnp.where(anew.reshape(-1, *[1] * (wide.ndim - 1)), wide, filled)

    leaves = map(fill, jax.tree.leaves(blank), jax.tree.leaves(tables))
    return jax.tree.unflatten(jax.tree.structure(blank), leaves)


def _never(progress: Progress, anew):
    return jnp.where(anew, jnp.full_like(progress.rebuilt, -1), progress.rebuilt)


def _same_cells(one: Grid, other: Grid) -> bool:
    return dataclasses.replace(one, slots=0) == dataclasses.replace(other, slots=0)


def _common(grids: Sequence[Grid]) -> Grid:
    """Cells wide enough for the tightest system, slots enough for the densest."""
    slots = max(grid.slots for grid in grids)
    if all(_same_cells(grid, grids[0]) for grid in grids):
        return dataclasses.replace(grids[0], slots=slots)
    bins = tuple(min(along) for along in zip(*[grid.bins for grid in grids], strict=True))
    spans = tuple(max(along) for along in zip(*[grid.spans for grid in grids], strict=True))
    crowded = any(p and n < 2 * span + 1 for p, n, span in zip(grids[0].pbc, bins, spans, strict=True))
    return dataclasses.replace(
        grids[0],
        slots=slots,
        bins=bins,
        spans=spans,
        explicit_images=crowded or any(grid.explicit_images for grid in grids),
        orthorhombic=all(grid.orthorhombic for grid in grids),
    )
