"""Who is at which temperature, and when two of them change places."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import numpy as np

from ..potentials import AbstractPotential
from ..schedule import Ladder
from ..simulate import AbstractIntegrator, Chunk, Standing, change_places, standing
from ._base import Controls

_STREAM = 0x7E3A
"""Sets the random numbers of exchanges apart from those of momenta and baths."""


@dataclass(frozen=True)
class Course:
    """The history of exchanges, as far as it is needed to go on."""

    walkers: tuple[int, ...]
    """The walker at each rung of the ladder, the coldest first."""
    attempts: tuple[int, ...]
    """Tried so far, for each pair of neighbouring rungs."""
    exchanges: tuple[int, ...]
    """Made so far."""
    jumps: tuple[float, ...]
    """What exchanges did to the conserved quantity of each rung, eV."""
    ends: tuple[int, ...]
    """The end of the ladder where each walker was last: 1 the coldest, after it 2 the hottest; 0 none yet."""
    next: int
    """Step of the next attempt."""
    rounds: int = 0
    """How many attempts there were."""
    round_trips: int = 0
    """Ways from the coldest rung to the hottest and back."""

    @classmethod
    def start(cls, rungs: int, every: int) -> "Course":
        """Every walker at its own rung."""
        none = (0,) * (rungs - 1)
        return cls(tuple(range(rungs)), none, none, (0.0,) * rungs, (1,) + (0,) * (rungs - 1), every)

    @classmethod
    def read(cls, notes: Mapping[str, Any]) -> "Course":
        """From the notes of a checkpoint."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in notes.items()})


class Exchange:
    """Exchanges between neighbouring temperatures, in between chunks; even pairs and odd pairs take turns.

    Walkers keep their atoms, and temperatures move: a ladder of live values is one of rungs, dealt to walkers here.
    """

    def __init__(self, course: Course, controls: Controls, every: int, seed: int):
        self.course = course
        self._ask, self._every = controls, every
        self._key = jax.random.fold_in(jax.random.PRNGKey(seed), _STREAM)
        self._rungs: Mapping[str, Any] = {}

    def controls(self, step: int) -> tuple[Mapping[str, Any], int]:
        """Live values of walkers from a step on, and the step of the next exchange."""
        self._rungs, until = self._ask(step)
        return self._dealt(self.course), min(until, self.course.next)

    def revise(self, chunk: Chunk, potential: AbstractPotential, integrator: AbstractIntegrator) -> Chunk:
        """The chunk with its frames sorted by temperature, and walkers that have changed places if it is time."""
        walkers = np.array(self.course.walkers)
        sorted_ = jax.tree.map(lambda values: values[:, walkers] if values.ndim > 1 else values, chunk.frames)
        frames = eqx.tree_at(lambda f: f.conserved, sorted_, sorted_.conserved - np.array(self.course.jumps))
        variables = self._variables(len(frames.step))
        progress = chunk.progress
        # A frame that is due belongs to the time before the exchange.
        if chunk.done == self.course.next and not chunk.owes_frame:
            progress = self._attempt(progress, potential, integrator)
        notes = dataclasses.asdict(self.course)
        return dataclasses.replace(chunk, frames=frames, progress=progress, variables=variables, notes=notes)

    def _attempt(self, progress, potential: AbstractPotential, integrator: AbstractIntegrator):
        before = standing(progress, potential, integrator, self._dealt(self.course))
        course = self._decided(before)
        old, new = np.array(self.course.walkers), np.array(course.walkers)
        bath_of = old[np.argsort(new)]
        temperature = np.array(self._rungs["temperature"].values)
        heating = temperature[np.argsort(new)] / temperature[np.argsort(old)]
        progress = change_places(progress, bath_of, heating)
        after = standing(progress, potential, integrator, self._dealt(course))
        jumps = np.asarray(after.conserved)[new] - np.asarray(before.conserved)[old] + np.array(course.jumps)
        self.course = dataclasses.replace(course, jumps=tuple(jumps.tolist()))
        return progress

    def _decided(self, now: Standing) -> Course:
        """The course after one attempt."""
        course, walkers = self.course, list(self.course.walkers)
        attempts, exchanges = list(course.attempts), list(course.exchanges)
        draws = np.asarray(jax.random.uniform(jax.random.fold_in(self._key, course.rounds), (len(attempts),)))
        for pair in range(course.rounds % 2, len(attempts), 2):
            gain = log_acceptance(self._rungs, now, pair, (walkers[pair], walkers[pair + 1]))
            attempts[pair] += 1
            if draws[pair] < np.exp(min(gain, 0.0)):
                exchanges[pair] += 1
                walkers[pair], walkers[pair + 1] = walkers[pair + 1], walkers[pair]
        ends, trips = _travelled(course.ends, walkers)
        return dataclasses.replace(
            course,
            walkers=tuple(walkers),
            attempts=tuple(attempts),
            exchanges=tuple(exchanges),
            ends=ends,
            next=course.next + self._every,
            rounds=course.rounds + 1,
            round_trips=course.round_trips + trips,
        )

    def _dealt(self, course: Course) -> Mapping[str, Any]:
        """Rungs of every ladder given to the walkers that are there."""
        rung = np.argsort(course.walkers)

        def deal(value):
            return Ladder(tuple(value.values[at] for at in rung)) if isinstance(value, Ladder) else value

        return {name: deal(value) for name, value in self._rungs.items()}

    def _variables(self, frames: int) -> dict[str, np.ndarray]:
        course = self.course
        rows = {"walker": course.walkers, "attempts": course.attempts, "exchanges": course.exchanges}
        repeated = {name: np.tile(np.array(row, np.int64), (frames, 1)) for name, row in rows.items()}
        return {**repeated, "round_trips": np.full(frames, course.round_trips)}


def log_acceptance(rungs: Mapping[str, Any], now: Standing, pair: int, walkers: tuple[int, int]) -> float:
    r"""Logarithm of the Metropolis ratio for the walkers at rungs `pair` and `pair + 1`.

    $$\ln r = (\beta_i - \beta_j)(U_a - U_b) + (\beta_i P_i - \beta_j P_j)(V_a - V_b)$$

    for walker a at rung i and b at j; the second term where there is a pressure. Momenta are rescaled, so that
    kinetic energies cancel.
    """
    first, second = walkers
    beta = [1 / rungs["temperature"].values[pair + side] for side in (0, 1)]
    energy = float(now.potential_energy[first] - now.potential_energy[second])
    volume = float(now.volume[first] - now.volume[second])
    pressure = [_rung(rungs.get("pressure", 0.0), pair + side) for side in (0, 1)]
    return (beta[0] - beta[1]) * energy + (beta[0] * pressure[0] - beta[1] * pressure[1]) * volume


def _rung(value: float | Ladder, index: int) -> float:
    return value.values[index] if isinstance(value, Ladder) else value


def _travelled(ends: tuple[int, ...], walkers: list[int]) -> tuple[tuple[int, ...], int]:
    """Where each walker was last, and how many have come back to the coldest rung from the hottest."""
    marks, coldest, hottest = list(ends), walkers[0], walkers[-1]
    trips = int(marks[coldest] == 2)
    marks[coldest] = 1
    if marks[hottest] == 1:
        marks[hottest] = 2
    return tuple(marks), trips
