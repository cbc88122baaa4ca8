"""Replicas on their way from one common step to the next, a chunk at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ..errors import SimulationError
from ..potentials import AbstractPotential
from ._advance import Frame, Progress
from ._base import AbstractIntegrator
from ._cause import cause_of_standstill, covering_skin
from ._replicas import Layout, advance_replicas, pick
from ._room import with_more_room, with_skin

_CHUNK_SECONDS = 0.15
"""Wall time of a chunk: short enough to answer a button, long enough to hide the round trip."""
_BUFFER_BYTES = 32e6
_MOST_FRAMES = 64
_REALLOCATIONS = 6
"""How often in a row a table may overflow without a step in between."""
_WIDER, _WIDENINGS = 1.5, 8
"""How much wider a skin becomes that did not cover the beads, and how often in one run."""


class Fleet:
    """All replicas of a simulation. After every chunk they stand at the same step."""

    def __init__(
        self,
        progress: Progress,
        layout: Layout,
        potential: AbstractPotential,
        integrator: AbstractIntegrator,
        every: int,
    ):
        self.progress = progress
        self.failure: SimulationError | None = None
        self._layout, self._potential, self._integrator, self._every = layout, potential, integrator, every
        self._capacity = _capacity(progress)
        self._overflows, self._widenings = 0, _WIDENINGS

    @property
    def step(self) -> int:
        """Steps done."""
        return int(np.asarray(self.progress.state.step)[0])

    @property
    def owes_frame(self) -> bool:
        """True while the frame of the present step is due and not there: the room for frames was full."""
        return self.step % self._every == 0 and int(np.asarray(self.progress.recorded)[0]) != self.step

    def go(self, scripts: PyTree, target: int) -> Frame:
        """On to step `target`, or as far as the room for frames and the weakest replica allow.

        **Returns:** new frames on the host, `[replica, frame, ...]`; `failure` says why it can go no further.
        """
        before = self.progress
        frames = self._together(scripts, target)
        if (failing := self._failing()) is None:
            return frames
        self.failure = _standstill(self.progress, failing, self._integrator, self._overflows)
        if len(self.progress.stuck) == 1:
            return frames
        # Nobody goes further than the one that cannot: so what is stored can be continued.
        last, self.progress = int(self.progress.state.step[failing]), before
        return self._together(scripts, last)

    def _together(self, scripts: PyTree, target: int) -> Frame:
        """Whoever stopped before the others, for want of room, catches up."""
        hauls = [self._advance(scripts, target)]
        while self._apart() and self._overflows <= _REALLOCATIONS:
            hauls.append(self._advance(scripts, int(self.progress.state.step.max())))
        return _joined(hauls)

    def _advance(self, scripts: PyTree, target: int) -> tuple[Frame, np.ndarray]:
        self.progress, frames, counts = advance_replicas(
            self._layout,
            self.progress,
            self._capacity,
            self._potential,
            self._integrator,
            scripts,
            jnp.int32(target),
            jnp.int32(self._every),
        )
        counts = np.asarray(counts)
        # Sliced on the host: JAX would compile, and keep, a program for every number of frames there ever was.
        frames = jax.tree.map(lambda buffer: np.asarray(buffer)[:, : counts.max()].copy(), frames)
        self._overflows = self._overflows + 1 if np.asarray(self.progress.neighbors.overflow).any() else 0
        if 0 < self._overflows <= _REALLOCATIONS:
            self.progress = with_more_room(self.progress, self._overflows, self._integrator)
        self._widen()
        return frames, counts

    def _widen(self) -> None:
        """Beads that have gone farther from their centroids than anybody foresaw get a wider skin."""
        skin, stuck = self.progress.neighbors.grid.skin, np.flatnonzero(np.asarray(self.progress.stuck))
        needed = [covering_skin(pick(self.progress.state, int(replica)), skin) for replica in stuck]
        if needed and None not in needed and self._widenings:
            self._widenings -= 1
            self.progress = with_skin(self.progress, _WIDER * max(skin, *needed), self._integrator)

    def _apart(self) -> bool:
        """True while a replica that can go on is behind another."""
        going = ~np.asarray(self.progress.stuck)
        clocks = (np.asarray(self.progress.state.step), np.asarray(self.progress.recorded))
        return any(len(set(clock[going])) > 1 for clock in clocks)

    def _failing(self) -> int | None:
        """The first replica that cannot go on."""
        failing = np.asarray(self.progress.stuck) | np.asarray(self.progress.neighbors.overflow)
        steps = np.asarray(self.progress.state.step)
        return int(np.where(failing, steps, np.iinfo(steps.dtype).max).argmin()) if failing.any() else None


class Pace:
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


@contextmanager
def naming(replica: int, replicas: int) -> Iterator[None]:
    """Errors that say whose they are, where there are several."""
    try:
        yield
    except SimulationError as error:
        if replicas == 1:
            raise
        raise SimulationError(f"replica {replica}: {error}") from None


def _standstill(progress: Progress, replica: int, integrator: AbstractIntegrator, overflows: int) -> SimulationError:
    cause = cause_of_standstill(pick(progress.state, replica), integrator, progress.neighbors.grid.skin)
    label = f"replica {replica}: " if len(progress.stuck) > 1 else ""
    return SimulationError(label + ("the neighbour table keeps overflowing; " if overflows else "") + cause)


def _joined(hauls: list[tuple[Frame, np.ndarray]]) -> Frame:
    """The frames that every replica has."""
    frames, counts = hauls[0]
    if len(hauls) == 1 and (counts == counts[0]).all():
        return frames
    own = [_own(hauls, replica) for replica in range(len(counts))]
    common = min(len(frames.step) for frames in own)
    return jax.tree.map(lambda *values: np.stack([value[:common] for value in values]), *own)


def _own(hauls: list[tuple[Frame, np.ndarray]], replica: int) -> Frame:
    pieces = [jax.tree.map(lambda values, n=counts[replica]: values[replica, :n], frames) for frames, counts in hauls]
    return jax.tree.map(lambda *values: np.concatenate(values), *pieces)


def _capacity(progress: Progress) -> int:
    """Frames that a chunk has room for, bounded in bytes."""
    bytes_per_frame = 9 * progress.state.positions.size // 3 * progress.state.positions.dtype.itemsize
    return int(np.clip(_BUFFER_BYTES / bytes_per_frame, 1, _MOST_FRAMES))
