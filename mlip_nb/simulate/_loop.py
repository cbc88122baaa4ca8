"""The host side of a simulation: chunk after chunk, guards, checkpoints."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, PRNGKeyArray

from ..neighbors import Grid, Neighbors
from ..potentials import AbstractPotential
from ..schedule import Ladder, Schedule
from ..system import System
from ._advance import Frame, Progress
from ._base import AbstractIntegrator, MDState
from ._cause import check_energy
from ._checkpoint import read_checkpoint, write_checkpoint
from ._fleet import Fleet, Pace, naming
from ._guards import Guards, Signs, Watch, closest, signs
from ._momenta import Symmetry, degrees_of_freedom
from ._replicas import Layout, each, pick, scripts_of, stack
from ._room import fitting_grid


@dataclass(frozen=True)
class Chunk:
    """What one compiled call brought."""

    frames: Frame
    """New frames, on the host; possibly none. Of several replicas: `[frame, replica, ...]`, the steps `[frame]`."""
    progress: Progress
    """Where the replicas stand, all of them at the same step; every leaf has a leading axis."""
    owes_frame: bool = False
    """True when the frame of the present step comes with the next chunk."""
    variables: Mapping[str, np.ndarray] = field(default_factory=dict)
    """More to be stored with the frames, by the names of the quantities table."""
    notes: Mapping[str, object] = field(default_factory=dict)
    """More that is needed to continue; plain JSON types."""

    @property
    def done(self) -> int:
        """Steps done."""
        return int(np.asarray(self.progress.state.step)[0])

    def checkpoint(self) -> bytes:
        """All that is needed to continue from here."""
        return write_checkpoint(self.progress, self.notes)


Revise = Callable[[Chunk, AbstractPotential, AbstractIntegrator], Chunk]
"""What happens to replicas between two chunks: the same chunk with its progress, and perhaps more, replaced."""


def start_state(
    system: System,
    integrator: AbstractIntegrator,
    *,
    key: PRNGKeyArray,
    mobile: Bool[Array, " atoms"] | None = None,
    symmetry: Symmetry | None = None,
) -> MDState:
    """The state at step zero of a system with momenta. Forces come with the first frame.

    Atoms where `mobile` is False are held in place; those of the system when it is not given. `symmetry` is what
    walls leave of rigid motions.
    """
    mobile = system.mobile if mobile is None else mobile
    freedom = degrees_of_freedom(
        system,
        conserves_momentum=integrator.conserves_momentum,
        holds_center=integrator.holds_center,
        mobile=mobile,
        symmetry=symmetry,
    )
    state = _without_bath(system, mobile, np.asarray(freedom, system.positions.dtype), integrator)
    more = integrator.bath(state, key=key), integrator.ring(state)
    return eqx.tree_at(lambda s: (s.bath, s.ring), state, more, is_leaf=lambda leaf: leaf is None)


@eqx.filter_jit
def _without_bath(system: System, mobile, freedom, integrator: AbstractIntegrator) -> MDState:
    atoms, dtype = len(system.numbers), system.positions.dtype
    return MDState(
        positions=system.positions.T,
        momenta=system.momenta.T,
        forces=jnp.zeros_like(system.positions.T),
        masses=system.masses,
        numbers=system.numbers,
        order=jnp.arange(atoms, dtype=jnp.int32),
        cell=system.cell,
        bath=None,
        step=jnp.zeros((), jnp.int32),
        freedom=freedom,
        strain=jnp.zeros((3, 3), dtype) if integrator.changes_cell else None,
        mobile=mobile,
    )


def rehearse(
    start: MDState,
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    *,
    pbc: tuple[bool, bool, bool],
    skin: float,
) -> Grid:
    """Shapes of the table a simulation begins with.

    **Raises:** `InputError` for what would end the simulation before its first step.
    """
    return fitting_grid([start.system(pbc)], integrator, potential.cutoff, skin, reverse=potential.needs_reverse)


def simulate(
    start: MDState | Sequence[MDState],
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    controls: Callable[[int], tuple[Mapping[str, float | Schedule | Ladder], int]],
    *,
    pbc: tuple[bool, bool, bool],
    steps: int,
    every: int,
    skin: float,
    guards: Guards | None = None,
    checkpoint: bytes | None = None,
    layout: Layout | None = None,
    revise: Revise | None = None,
) -> Generator[Chunk, None, None]:
    """Chunks until `steps` steps are done, of one state or of several replicas.

    `controls(step)` gives the live values (internal units) that hold from that step on, and the first later step at
    which they must be asked for again; a ladder has one value for each replica. `guards` end a simulation that has
    gone wrong. A `checkpoint` of the same simulation continues it; `start` then only lends its shapes. `layout` says
    how replicas share the hardware, and `revise` what happens to them between two chunks.

    **Raises:** `SimulationError` when a replica cannot go on; everything before it has been yielded.
    """
    states = [start] if isinstance(start, MDState) else start
    replicas, dtype, numbers = len(states), states[0].positions.dtype, np.asarray(states[0].numbers)
    if checkpoint is None:
        # Replicas begin at one place, with shapes in common.
        progress = _begin(rehearse(states[0], potential, integrator, pbc=pbc, skin=skin), stack(states))
    else:
        progress = read_checkpoint(checkpoint, states)
    layout = layout or _layout(states, potential)
    fleet = Fleet(progress, layout, potential, integrator, every)
    watches = [Watch(guards, integrator, numbers) for _ in range(replicas)] if guards else []
    pace, values, known = Pace(), None, None
    while fleet.step < steps or fleet.owes_frame:
        begun = fleet.step
        former, (values, until) = values, controls(begun)
        known = known if values == former else scripts_of(values, replicas, dtype)
        with pace:
            frames = fleet.go(known, min(steps, until, begun + pace.steps))
        pace.took(fleet.step - begun)
        reached = fleet.progress
        chunk = Chunk(
            pick(frames, 0) if isinstance(start, MDState) else _frames_first(frames), reached, fleet.owes_frame
        )
        if revise:
            chunk = revise(chunk, potential, integrator)
            fleet.progress = chunk.progress
        yield chunk
        for index in range(replicas):
            with naming(index, replicas):
                check_energy(pick(frames, index), integrator, partial(_closest_pair, reached, index, numbers))
        if fleet.failure:
            raise fleet.failure
        if watches:
            now, told = jax.tree.map(np.asarray, (_signs(reached), known))
        for index, watch in enumerate(watches):
            with naming(index, replicas):
                watch.check(pick(frames, index), pick(now, index), chunk.done, pick(told, index))


def _layout(states: Sequence[MDState], potential: AbstractPotential) -> Layout:
    """That of the machine. What comes from outside JAX is asked by one device only."""
    atoms, ring = states[0].positions.shape[1], states[0].ring
    beads = 1 if ring is None else 1 + len(ring.positions)
    shared = potential.differentiable if beads > 1 else potential.divides
    return Layout.of_machine(len(states), atoms if shared else 0, beads)


@eqx.filter_jit
def _begin(grid: Grid, states: MDState) -> Progress:
    """All replicas before their first frame: one small program, where one for each array would take a second."""

    def start(state: MDState) -> Progress:
        return Progress.start(state, Neighbors.blank(grid, state.system(grid.pbc)))

    return jax.vmap(start)(states)


@eqx.filter_jit
def _signs(progress: Progress) -> Signs:
    return each(lambda replica: signs(replica.state, replica.neighbors), progress)


def _closest_pair(progress: Progress, index: int, numbers: np.ndarray) -> str:
    """Of one replica."""
    return closest(pick(jax.tree.map(np.asarray, _signs(progress)), index), numbers)


def _frames_first(frames: Frame) -> Frame:
    """`[frame, replica, ...]`, as it is stored; the steps are the same for all."""
    turned = jax.tree.map(lambda values: np.swapaxes(values, 0, 1), frames)
    return eqx.tree_at(lambda f: f.step, turned, frames.step[0])
