"""The compiled chunk: steps, neighbour rebuilds and frames in one program.

One compilation serves a whole run: the number of steps, the storing interval and the controls are traced.
A frame is recorded on the device when it is due, so that short intervals cost no round trips.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..neighbors import Neighbors, finder
from ..potentials import AbstractPotential, Corrected, Edges, Parts
from ._base import AbstractIntegrator, Controls, CorrectedSurface, MDState, Surface
from ._schedule import Script, controls_at


class Frame(eqx.Module):
    """What is stored of one step, in the caller's order and internal units."""

    step: Int[Array, "*frame"]
    positions: Float[Array, "*frame atoms 3"]
    momenta: Float[Array, "*frame atoms 3"]
    forces: Float[Array, "*frame atoms 3"]
    cell: Float[Array, "*frame 3 3"]
    potential_energy: Float[Array, "*frame"]
    strain_derivative: Float[Array, "*frame 3 3"]
    """dE/dε, eV: minus the configurational virial."""
    flow: Float[Array, "*frame 3 3"]
    """Σ p⊗p/m of the thermal momenta, eV: twice the kinetic energy that belongs to the temperature, by axes."""
    conserved: Float[Array, "*frame"]
    extra: dict[str, Array]
    """What the integrator observes besides."""


class Progress(eqx.Module):
    """A simulation between two chunks."""

    state: MDState
    neighbors: Neighbors
    stale: Bool[Array, ""]
    """True: the table must be made anew before the next force evaluation."""
    recorded: Int[Array, ""]
    """Step of the newest frame; -1 before the first."""
    rebuilt: Int[Array, ""]
    """Step of the newest rebuild."""
    stuck: Bool[Array, ""]
    """True: a step right after a rebuild leaves the skin, or is not finite."""

    @classmethod
    def start(cls, state: MDState, neighbors: Neighbors) -> "Progress":
        """Before the first frame, with a table yet to be filled."""
        never = jnp.full((), -1, state.step.dtype)
        return cls(state, neighbors, jnp.ones((), bool), never, never, jnp.zeros((), bool))

    @property
    def healthy(self) -> Bool[Array, "*replica"]:
        """True while the simulation can go on."""
        return ~(self.stuck | self.neighbors.overflow)


def empty_frames(state: MDState, integrator: AbstractIntegrator, script: Script, capacity: int) -> Frame:
    """Room for that many frames."""
    atoms, dtype = state.positions.shape[1], state.positions.dtype
    extra = jax.eval_shape(lambda: _observed(state, integrator, _NOWHERE, _controls(state, integrator, script)))

    def zeros(*shape: int, dtype=dtype):
        return jnp.zeros((capacity, *shape), dtype)

    return Frame(
        step=zeros(dtype=jnp.int32),
        positions=zeros(atoms, 3),
        momenta=zeros(atoms, 3),
        forces=zeros(atoms, 3),
        cell=zeros(3, 3),
        potential_energy=zeros(),
        strain_derivative=zeros(3, 3),
        flow=zeros(3, 3),
        conserved=zeros(),
        extra={name: zeros(*value.shape, dtype=value.dtype) for name, value in extra.items()},
    )


@eqx.filter_jit
def advance(
    progress: Progress,
    frames: Frame,
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    script: Script,
    target: Int[Array, ""],
    every: Int[Array, ""],
) -> tuple[Progress, Frame, Int[Array, ""]]:
    """On to step `target`, or until the frame buffer is full or something is wrong.

    Every multiple of `every` is recorded. **Returns:** progress, the buffer, and how many of its rows are new.
    """
    capacity = len(frames.step)

    def due(progress: Progress):
        step = progress.state.step
        return (step % every == 0) & (step > progress.recorded)

    def unfinished(carry):
        progress, _, count = carry
        return progress.healthy & (count < capacity) & (due(progress) | (progress.state.step < target))

    def body(carry):
        progress, frames, count = carry
        progress = jax.lax.cond(progress.stale, lambda old: _rebuild(old, integrator), lambda same: same, progress)
        record = due(progress) & progress.healthy
        progress, frames = jax.lax.cond(
            record,
            lambda p, f: _record(p, f, count, potential, integrator, script),
            lambda p, f: (p, f),
            progress,
            frames,
        )
        boundary = jnp.minimum((progress.state.step // every + 1) * every, target)
        return _march(progress, potential, integrator, script, boundary), frames, count + record

    return jax.lax.while_loop(unfinished, body, (progress, frames, jnp.zeros((), jnp.int32)))


def _rebuild(progress: Progress, integrator: AbstractIntegrator) -> Progress:
    """A new table, and the state sorted as the table is."""
    grid, state = progress.neighbors.grid, progress.state
    neighbors = finder(grid.cutoff, grid.skin).update(progress.neighbors, state.system(grid.pbc))
    state = state.reorder(neighbors.order)
    return Progress(
        state=state,
        neighbors=neighbors,
        stale=jnp.zeros((), bool),
        recorded=progress.recorded,
        rebuilt=state.step,
        # Beads may be farther from their centroid than the skin allows.
        stuck=progress.stuck | ~_complete(neighbors, integrator.watched(state)),
    )


def _march(progress: Progress, potential, integrator, script, boundary) -> Progress:
    """Steps with one table until `boundary`, or until an atom is about to leave the skin.

    The list is checked twice. Before a step, with the displacement the velocities announce, so that hardly
    ever a force is computed for nothing. After it, with the true one: a step whose forces may lack a pair is
    discarded and taken again with a new table.
    """
    table = progress.neighbors
    surface = _surface(progress, potential, hydrostatic=integrator.hydrostatic)

    def complete(beads, cell):
        return _complete(table, beads, cell if integrator.changes_cell else None)

    def stays(state: MDState):
        # Of beads the common motion alone: they swing about it within a step.
        return complete(integrator.watched(state) + integrator.timestep * state.velocities, state.cell)

    def going(carry):
        state, fresh, _ = carry
        return fresh & (state.step < boundary)

    def step(carry):
        state, _, _ = carry
        new, served = _stepped(state, integrator, surface, _controls(state, integrator, script), complete)
        valid = served & jnp.all(jnp.isfinite(new.momenta))
        state = jax.tree.map(lambda old, changed: jnp.where(valid, changed, old), state, new)
        return state, valid & stays(state), valid

    start = (progress.state, stays(progress.state) & progress.healthy, jnp.ones((), bool))
    state, _, _ = jax.lax.while_loop(going, step, start)
    stale = state.step < boundary
    # A table is stale at the step it was made for: one step alone leaves the skin.
    stuck = stale & progress.healthy & (state.step == progress.rebuilt)
    return Progress(state, table, stale, progress.recorded, progress.rebuilt, progress.stuck | stuck)


def _stepped(
    state: MDState, integrator: AbstractIntegrator, surface: Surface, controls: Controls, complete
) -> tuple[MDState, Bool[Array, ""]]:
    """One step, and whether the table has served; without forces, where it is seen beforehand that it does not."""
    reached = integrator.reached(state, controls)
    if reached is None:
        new = integrator.step(state, surface, controls)
        return new, complete(integrator.watched(new), new.cell)
    serves = complete(integrator.watched(reached), reached.cell)
    return jax.lax.cond(serves, lambda at: integrator.landed(at, surface, controls), lambda at: at, reached), serves


def _record(progress: Progress, frames: Frame, row, potential, integrator, script) -> tuple[Progress, Frame]:
    """The present state into row `row`; the very first one gets its forces here, and its strain derivative."""
    state, surface = progress.state, _surface(progress, potential)
    controls = _controls(state, integrator, script)
    parts, energy, felt = integrator.felt(state, surface, controls)
    energies, forces, strain_derivative = (part.mean(axis=0) for part in parts)
    state = jax.tree.map(lambda new, old: jnp.where(progress.recorded < 0, new, old), felt, state)
    frame = Frame(
        step=state.step,
        positions=state.in_callers_order(state.positions),
        momenta=state.in_callers_order(state.momenta),
        forces=state.in_callers_order(forces),
        cell=state.cell,
        potential_energy=energies.sum(),
        strain_derivative=strain_derivative,
        flow=_flow(integrator.thermal_momenta(state), state.masses),
        conserved=integrator.conserved(state, energy, controls),
        extra=integrator.observe(state, parts, surface, controls),
    )
    frames = jax.tree.map(lambda buffer, value: buffer.at[row].set(value.astype(buffer.dtype)), frames, frame)
    return eqx.tree_at(lambda p: (p.state, p.recorded), progress, (state, state.step)), frames


def _observed(state: MDState, integrator: AbstractIntegrator, surface: Surface, controls: Controls) -> dict[str, Array]:
    parts, _, _ = integrator.felt(state, surface, controls)
    return integrator.observe(state, parts, surface, controls)


def _surface(progress: Progress, potential: AbstractPotential, *, hydrostatic: bool = False) -> Surface:
    """That of the potential with the present table; no force on atoms held in place."""
    state, table = progress.state, progress.neighbors
    if isinstance(potential, Corrected):
        cheap, correction = (_surface(progress, part) for part in (potential.cheap, potential.correction))
        return CorrectedSurface(_covered(table, cheap), correction)

    def surface(positions, cell):
        edges = Edges(positions, cell, state.numbers, table, hydrostatic=hydrostatic)
        energies, forces, strain = potential.measure(edges)
        return energies, forces if state.mobile is None else jnp.where(state.mobile, forces, 0), strain

    return surface


def _covered(table: Neighbors, surface: Surface) -> Surface:
    """Not a number where the table may lack a pair: within a step nobody else looks, and the step is taken again."""

    def guarded(positions, cell):
        energies, forces, strain = surface(positions, cell)
        return energies, jnp.where(table.complete(positions, None), forces, jnp.nan), strain

    return guarded


def _flat(positions, cell) -> Parts:
    return jnp.zeros_like(positions[0]), jnp.zeros_like(positions), jnp.zeros_like(cell)


_NOWHERE = CorrectedSurface(_flat, _flat)
"""A flat surface."""


def _controls(state: MDState, integrator: AbstractIntegrator, script: Script) -> Controls:
    return controls_at(script, state.step * integrator.timestep)


def _complete(table: Neighbors, beads: Float[Array, "beads 3 atoms"], cell: Float[Array, "3 3"] | None = None):
    """True while no bead can lack a pair: the table of the centroids serves all of them."""
    return jnp.all(jax.vmap(lambda positions: table.complete(positions, cell))(beads))


def _flow(momenta: Float[Array, "3 atoms"], masses: Float[Array, " atoms"]) -> Float[Array, "3 3"]:
    # Some devices multiply matrices of single precision in less, unless told not to.
    return jnp.matmul(momenta / masses, momenta.T, precision="highest")
