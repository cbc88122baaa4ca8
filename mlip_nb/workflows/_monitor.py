"""A monitor of a run: every stored frame is judged between two chunks, by one compiled program."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..errors import SimulationError
from ..neighbors import AbstractNeighborFinder, Neighbors, finder
from ..simulate import Frame
from ..system import System
from ..uncertainty import AbstractUncertainty, Watch
from ._monitoring import Monitoring
from ._verdict import Judgement, Verdict

_ATTEMPTS = 8
_SPARE = 1.4
"""Room in the table of neighbours, which is made anew for every frame."""


class Monitor:
    """Judges the frames of one simulation."""

    def __init__(self, watch: Watch, monitoring: Monitoring, system: System, timestep: float):
        self._watch, self._system, self._timestep = watch, system, timestep
        self._threshold = watch.limit if monitoring.threshold is None else monitoring.threshold
        self._search = finder(watch.uncertainty.potential.cutoff, 0.0)
        self._table: Neighbors | None = None
        self._above = False

    def judge(self, frames: Frame, thresholds: np.ndarray | None) -> Judgement:
        """All new frames; `thresholds` that were steered, of each frame."""
        if not len(frames.step):
            return Judgement()
        values = np.stack([self._values(frames, place) for place in range(len(frames.step))])
        watched = self._watch.of(values)
        # Of replicas all have the same.
        allowed = np.full((len(values), 1), self._threshold) if thresholds is None else thresholds
        allowed = allowed.reshape(len(values), -1)[:, 0]
        over = watched.max(axis=-1) > allowed.reshape(-1, *[1] * (watched.ndim - 2))
        verdicts = [self._verdict(frames, *one) for one in zip(range(len(values)), watched, allowed, strict=True)]
        series = {self._row: watched.reshape(len(values), -1).max(axis=1)}
        return Judgement(self._rows(values, watched, over), series, verdicts[-1], self._first(verdicts))

    def _values(self, frames: Frame, place: int) -> np.ndarray:
        """`[atoms]`, or `[replicas atoms]`; of ring polymers the largest of the beads."""
        positions, cells = frames.extra.get("bead_positions", frames.positions)[place], frames.cell[place]
        beads = "bead_positions" in frames.extra
        points = positions.reshape(-1, *positions.shape[-2:])
        shape = positions.shape[:-1]
        cells = np.repeat(cells.reshape(-1, 3, 3), len(points) // max(cells.size // 9, 1), axis=0)
        found = self._evaluated(points, cells).reshape(shape)
        return found.max(axis=-2) if beads else found

    def _evaluated(self, points: np.ndarray, cells: np.ndarray) -> Float[np.ndarray, "points atoms"]:
        """**Raises:** `SimulationError` for frames so dense that no table holds them."""
        for attempt in range(_ATTEMPTS):
            table = self._table or self._allocated(points[0], cells[0], attempt)
            values, overflow = _assessed(self._watch.uncertainty, self._search, table, self._system, points, cells)
            if not (full := np.asarray(overflow)).any():
                self._table = table
                return np.asarray(values, float)
            self._table = self._allocated(points[full.argmax()], cells[full.argmax()], attempt + 1)
        raise SimulationError("the monitor's neighbour table keeps overflowing; check the density of the frames")

    def _allocated(self, positions: np.ndarray, cell: np.ndarray, attempt: int) -> Neighbors:
        return self._search.allocate(_placed(self._system, positions, cell), spare=_SPARE * 1.2**attempt)

    @property
    def _row(self) -> str:
        """What is watched, in the table of quantities."""
        return "frame_radius" if self._watch.balls else f"frame_{self._kind}"

    @property
    def _kind(self) -> str:
        return "uncertainty" if self._watch.unit == "eV/Å" else "distance"

    def _rows(self, values: np.ndarray, watched: np.ndarray, over: np.ndarray) -> dict[str, np.ndarray]:
        frame = {f"frame_{self._kind}": values.max(axis=-1), self._row: watched.max(axis=-1)}
        return {f"atom_{self._kind}": values, "alarm": over, **frame}

    def _verdict(self, frames: Frame, place: int, watched: np.ndarray, allowed: float) -> Verdict:
        *replica, atom = np.unravel_index(np.argmax(watched), watched.shape)
        step = int(frames.step[place])
        return Verdict(
            name=self._watch.name,
            unit=self._watch.unit,
            value=float(watched.max()),
            threshold=float(allowed),
            atom=int(atom),
            symbol=self._system.symbols[int(atom)],
            step=step,
            time=step * self._timestep,
            replica=int(replica[0]) if replica else None,
        )

    def _first(self, verdicts: list[Verdict]) -> Verdict | None:
        """Once for every time that the threshold is passed: who goes on after an alarm has been told."""
        before, found = self._above, None
        for verdict in verdicts:
            found = found or (verdict if verdict.passed and not before else None)
            before = verdict.passed
        self._above = before
        return found


def _placed(system: System, positions, cell) -> System:
    dtype = system.positions.dtype
    return replace(system, positions=jnp.asarray(positions, dtype), cell=jnp.asarray(cell, dtype))


@eqx.filter_jit
def _assessed(
    uncertainty: AbstractUncertainty,
    search: AbstractNeighborFinder,
    table: Neighbors,
    system: System,
    points: Float[Array, "points atoms 3"],
    cells: Float[Array, "points 3 3"],
) -> tuple[Float[Array, "points atoms"], Bool[Array, " points"]]:
    def of_point(point):
        here = _placed(system, *point)
        fresh = search.update(table, here)
        return uncertainty.assess(here, fresh).atoms, fresh.overflow

    return jax.lax.map(of_point, (jnp.asarray(points), jnp.asarray(cells)))
