"""A trajectory as a pure function that can be differentiated in both modes.

The loop of `_advance` stops where it must, which no reverse mode follows. Here every loop has a fixed length: a
neighbour table serves a fixed number of steps, and whether it did is a flag. Neighbours are not differentiated: who is
one another's neighbour does not change with an infinitesimal displacement, and beyond the cutoff nothing is felt.
"""

import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ..neighbors import Neighbors, finder
from ..potentials import AbstractPotential, Edges, Parts, differentiable
from ._base import AbstractIntegrator, MDState
from ._itinerary import Itinerary
from ._plan import Plan, Verdict
from ._schedule import Script, controls_at
from ._snapshot import Snapshot, snapshot


class Place(eqx.Module):
    """Where a rollout stands."""

    state: MDState
    goal: Int[Array, ""]
    """Nobody moves beyond this step."""
    verdict: Verdict
    """Of the tables so far."""


Going = Callable[[Place], tuple[Place, PyTree]]
"""A piece of the way, and the rows seen on it."""


class Walk(eqx.Module):
    """The way from the start to the last row."""

    potential: AbstractPotential
    integrator: AbstractIntegrator
    script: Script
    observe: Callable[[Snapshot], PyTree]
    plan: Plan = eqx.field(static=True)
    itinerary: Itinerary = eqx.field(static=True)

    def __call__(self, state: MDState) -> tuple[Place, PyTree]:
        """The place at the end, and all rows, that of the start first."""
        way = self.itinerary
        place, table = self.begin(state)
        first = self._seen(place.state, table)
        place, rows = self._all_rows(place)
        return place, jax.tree.map(lambda one, more: jnp.concatenate([one[None], more[: way.rows]]), first, rows)

    def _all_rows(self, place: Place) -> tuple[Place, PyTree]:
        way = self.itinerary
        if way.leg:
            leg = self._on_one_table(lambda table: _repeat(self._row_by_row(table), way.leg))
            place, rows = _repeat(_once_more(_repeat(leg, way.legs)), way.blocks)(place)
            return place, _flat(rows, 3)
        if way.bundle:
            bundle = _once_more(_repeat(self._row_by_legs(_repeat(self.leg, way.legs)), way.bundle))
            place, rows = _repeat(bundle, math.ceil(way.rows / way.bundle))(place)
            return place, _flat(rows, 2)
        block = _once_more(_repeat(self.leg, way.legs))
        return _repeat(self._row_by_legs(_repeat(block, way.blocks)), way.rows)(place)

    def begin(self, state: MDState) -> tuple[Place, Neighbors]:
        """The start with its forces."""
        goal = jnp.asarray(self.itinerary.every, state.step.dtype)
        place, table = self._with_table(Place(state, goal, Verdict(jnp.ones((), bool), jnp.ones((), bool))))
        _, forces, strain = self._parts(place.state, table)
        place = eqx.tree_at(lambda p: p.state.forces, place, forces)
        if state.strain is not None:
            place = eqx.tree_at(lambda p: p.state.strain, place, strain)
        return place, table

    def leg(self, place: Place) -> tuple[Place, None]:
        """A march with a table of its own."""
        place, table = self._with_table(place)
        return self._march(place, table), None

    def _row_by_row(self, table: Neighbors) -> Going:
        """March, and look."""

        def go(place: Place):
            place = self._march(place, table)
            return place, self._seen(place.state, table)

        return go

    def _row_by_legs(self, way: Going) -> Going:
        """All the legs, then a look with a table of its own."""

        def go(place: Place):
            place, _ = way(place)
            here, table = self._with_table(place)
            goal = place.goal + self.itinerary.every
            place = eqx.tree_at(lambda p: (p.goal, p.verdict), place, (goal, here.verdict))
            return place, self._seen(here.state, table)

        return go

    def _on_one_table(self, way: Callable[[Neighbors], Going]) -> Going:
        def go(place: Place):
            place, table = self._with_table(place)
            return way(table)(place)

        return go

    def _with_table(self, place: Place) -> tuple[Place, Neighbors]:
        """A new table, and the state sorted as the table is."""
        grid = self.plan.grid
        system = jax.lax.stop_gradient(place.state.system(grid.pbc))
        table = finder(grid.cutoff, grid.skin).update(Neighbors.blank(grid, system), system)
        change = (place.state.reorder(table.order), place.verdict.fits & ~table.overflow)
        return eqx.tree_at(lambda p: (p.state, p.verdict.fits), place, change), table

    def _march(self, place: Place, table: Neighbors) -> Place:
        """Steps with one table."""

        def step(place: Place, _):
            return self._step(place, table), None

        return jax.lax.scan(step, place, None, length=self.itinerary.march)[0]

    def _step(self, place: Place, table: Neighbors) -> Place:
        state, integrator = place.state, self.integrator
        controls = controls_at(self.script, state.step * integrator.timestep)
        new = integrator.step(state, lambda *where: self._parts(state, table, *where), controls)
        if self.itinerary.rests:
            moves = state.step < place.goal
            new = jax.tree.map(lambda old, changed: jnp.where(moves, changed, old), state, new)
        still = jax.lax.stop_gradient((new.positions, new.cell if integrator.changes_cell else None))
        serves = place.verdict.serves & table.complete(*still)
        return eqx.tree_at(lambda p: (p.state, p.verdict.serves), place, (new, serves))

    def _parts(self, state: MDState, table: Neighbors, positions=None, cell=None) -> Parts:
        """Energies, forces and strain derivative; no force on atoms held in place."""
        where = (state.positions, state.cell) if positions is None else (positions, cell)
        energies, forces, strain = differentiable(self.potential)(Edges(*where, state.numbers, table))
        return energies, forces if state.mobile is None else jnp.where(state.mobile, forces, 0), strain

    def _seen(self, state: MDState, table: Neighbors) -> PyTree:
        return self.observe(snapshot(state, self._parts(state, table), self.integrator))


def _repeat(way: Going, count: int) -> Going:
    return lambda place: jax.lax.scan(lambda place, _: way(place), place, None, length=count)


def _flat(rows: PyTree, axes: int) -> PyTree:
    """Rows of nested loops, one after another."""
    return jax.tree.map(lambda row: row.reshape(-1, *row.shape[axes:]), rows)


def _once_more(way: Going) -> Going:
    """The same; the backward pass goes it again and so need not remember it."""
    return jax.checkpoint(way, prevent_cse=False)
