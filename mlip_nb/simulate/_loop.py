"""The host side of a simulation: chunk after chunk, overflow mended, causes named."""

import dataclasses
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, PRNGKeyArray

from .. import units
from ..errors import SimulationError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractPotential
from ..schedule import Schedule
from ..system import System
from ._advance import Frame, Progress, advance
from ._base import AbstractIntegrator, MDState
from ._checkpoint import read_checkpoint, write_checkpoint
from ._guards import Guards, Watch
from ._momenta import degrees_of_freedom
from ._schedule import script

_CHUNK_SECONDS = 0.15
"""Wall time of a chunk: short enough to answer a button, long enough to hide the round trip."""
_BUFFER_BYTES = 32e6
_MOST_FRAMES = 64
_SPARE = 1.25
_VIOLENT = 30.0
"""eV/Å; forces in a sound structure, even a hot one, stay below."""
_REALLOCATIONS = 6
"""How often in a row a table may overflow without a step in between."""


@dataclass(frozen=True)
class Chunk:
    """What one compiled call brought."""

    frames: Frame
    """New frames, on the host; possibly none."""
    progress: Progress
    """Where the simulation stands."""

    @property
    def done(self) -> int:
        """Steps done."""
        return int(self.progress.state.step)

    def checkpoint(self) -> bytes:
        """All that is needed to continue from here."""
        return write_checkpoint(self.progress)


def start_state(
    system: System, integrator: AbstractIntegrator, *, key: PRNGKeyArray, mobile: Bool[Array, " atoms"] | None = None
) -> MDState:
    """The state at step zero of a system with momenta. Forces come with the first frame.

    Atoms where `mobile` is False are held in place.
    """
    atoms, dtype = len(system.numbers), system.positions.dtype
    freedom = degrees_of_freedom(system, conserves_momentum=integrator.conserves_momentum, mobile=mobile)
    state = MDState(
        positions=system.positions.T,
        momenta=system.momenta.T,
        forces=jnp.zeros_like(system.positions.T),
        masses=system.masses,
        numbers=system.numbers,
        order=jnp.arange(atoms, dtype=jnp.int32),
        cell=system.cell,
        bath=None,
        step=jnp.zeros((), jnp.int32),
        freedom=jnp.asarray(freedom, dtype),
        strain=jnp.zeros((3, 3), dtype) if integrator.changes_cell else None,
        mobile=mobile,
    )
    return eqx.tree_at(lambda s: s.bath, state, integrator.bath(state, key=key), is_leaf=lambda leaf: leaf is None)


def simulate(
    state: MDState,
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    controls: Callable[[int], tuple[Mapping[str, float | Schedule], int]],
    *,
    pbc: tuple[bool, bool, bool],
    steps: int,
    every: int,
    skin: float,
    guards: Guards | None = None,
    checkpoint: bytes | None = None,
) -> Generator[Chunk, None, None]:
    """Chunks until `steps` steps are done.

    `controls(step)` gives the live values (internal units) that hold from that step on, and the first later step at
    which they must be asked for again. `guards` end a simulation that has gone wrong. A `checkpoint` of the same
    simulation continues it; `state` then only lends its shapes.

    **Raises:** `SimulationError` when the simulation cannot go on; everything before it has been yielded.
    """
    if checkpoint is None:
        progress = Progress.start(state, _table(state.system(pbc), integrator, potential.cutoff, skin, _SPARE))
    else:
        progress = read_checkpoint(checkpoint, state)
    frames = empty_frames(state)
    pace, watch = _Pace(), guards and Watch(guards, integrator)
    overflows = 0
    while int(progress.state.step) < steps or int(progress.recorded) < 0:
        done = int(progress.state.step)
        values, until = controls(done)
        target = min(steps, until, done + pace.steps)
        known = script(values, state.positions.dtype)
        with pace:
            progress, frames, count = advance(
                progress, frames, potential, integrator, known, jnp.int32(target), jnp.int32(every)
            )
            jax.block_until_ready(progress.state.step)
        pace.took(int(progress.state.step) - done)
        chunk = Chunk(jax.tree.map(lambda buffer, n=int(count): np.array(buffer[:n]), frames), progress)
        yield chunk
        _check_energy(chunk.frames, integrator)
        if progress.stuck:
            raise SimulationError(_cause(progress, integrator))
        overflows = overflows + 1 if progress.neighbors.overflow else 0
        if overflows:
            progress = _reallocated(progress, overflows, integrator)
        elif watch:
            watch.check(chunk.frames, progress.state, progress.neighbors, known)


def _check_energy(frames: Frame, integrator: AbstractIntegrator) -> None:
    bad = ~np.isfinite(frames.potential_energy)
    if bad.any():
        step = int(frames.step[bad.argmax()])
        time = step * units.from_internal(integrator.timestep, "fs")
        raise SimulationError(
            f"the potential energy is not finite at step {step} ({time:g} fs); "
            "check the structure, and that the potential is made for it"
        )


class _Pace:
    """Steps per chunk, adapted to the wall time of the last ones."""

    def __init__(self) -> None:
        self.steps = 1
        self._seconds = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *exception: object) -> None:
        self._seconds = time.perf_counter() - self._began

    def took(self, steps: int) -> None:
        """At most twice as long as the last chunk, so that one compilation or hiccup does no harm."""
        if steps:
            wanted = steps * _CHUNK_SECONDS / max(self._seconds, 1e-6)
            self.steps = max(1, int(min(2 * max(self.steps, steps), wanted)))


def _reallocated(progress: Progress, attempt: int, integrator: AbstractIntegrator) -> Progress:
    """The same simulation with a larger table; nothing was computed from the one that overflowed."""
    if attempt > _REALLOCATIONS:
        raise SimulationError(f"the neighbour table keeps overflowing; {_cause(progress, integrator)}")
    grid = progress.neighbors.grid
    system = progress.state.system(grid.pbc)
    table = _table(system, integrator, grid.cutoff, grid.skin, _SPARE * 1.2**attempt)
    return eqx.tree_at(
        lambda p: (p.neighbors, p.stale, p.rebuilt),
        progress,
        (table, jnp.ones((), bool), jnp.full_like(progress.rebuilt, -1)),
        is_leaf=lambda leaf: leaf is progress.neighbors,
    )


def _table(system: System, integrator: AbstractIntegrator, cutoff: float, skin: float, spare: float) -> Neighbors:
    """A blank table whose shapes suit the system, and any cell the integrator may bring it to."""
    table = finder(cutoff, skin).blank(system, spare=spare)
    grid = dataclasses.replace(table.grid, orthorhombic=table.grid.orthorhombic and not integrator.shears)
    return Neighbors.blank(grid, system)


def empty_frames(state: MDState) -> Frame:
    """Room for frames on the device, bounded in bytes."""
    atoms, dtype = state.positions.shape[1], state.positions.dtype
    capacity = int(np.clip(_BUFFER_BYTES / (9 * atoms * dtype.itemsize), 1, _MOST_FRAMES))

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
        conserved=zeros(),
    )


def _cause(progress: Progress, integrator: AbstractIntegrator) -> str:
    """What went wrong, where and when, and what to try; from the last good state."""
    from ase.data import chemical_symbols

    state = progress.state
    kick = integrator.timestep / 2 * state.forces
    stride = np.linalg.norm(np.asarray(integrator.timestep * (state.momenta + kick) / state.masses), axis=0)
    # argmax takes the first NaN for the largest, which here is what is wanted.
    column = int(np.argmax(stride))
    atom, symbol = int(state.order[column]), chemical_symbols[int(state.numbers[column])]
    force = float(np.linalg.norm(np.asarray(state.forces[:, column])))
    step, timestep = int(state.step), units.from_internal(integrator.timestep, "fs")
    return (
        f"after step {step} ({step * timestep:g} fs) no further step is possible: atom {atom} ({symbol}) would move "
        f"{stride[column]:.2g} Å at once, under a force of {force:.3g} eV/Å; try a timestep below {timestep:g} fs, or "
        + _other_cure(force)
    )


def _other_cure(force: float) -> str:
    if not force < _VIOLENT:
        return "relax the structure first (atoms came too close), and check that the potential covers it"
    return "check initial velocities and temperature"
