"""Molecular dynamics."""

import math
import warnings
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Annotated

import jax
import numpy as np
from pydantic import model_validator

from ..errors import RunWarning
from ..neighbors import automatic_skin
from ..params import MOST_STEPS, Count, Duration, Instead, Length, Replicas, Seed, Timestep
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..schedule import Ladder
from ..simulate import (
    AbstractIntegrator,
    Ensemble,
    Frame,
    Guards,
    MDState,
    NVTLangevin,
    Revise,
    Selection,
    Walls,
    at_rest,
    draw_momenta,
    drift,
    held,
    rehearse,
    simulate,
    start_state,
)
from ..system import System, check
from ._atomistic import Atomistic
from ._base import Controls, Workflow, workflows
from ._frames import as_stored, newest, of_atoms, series_of, spread, variables_of
from ._live_values import LiveValues
from ._monitoring import Monitoring, looking_every
from ._plots import Plot
from ._update import Alarm, Update
from ._verdict import Judgement

if TYPE_CHECKING:
    from ..uncertainty import Watch
    from ._monitor import Monitor

_ROUNDING, _MUCH = 1e-9, 1e-3
"""Parts of the kinetic energy: motion of the whole below the first is rounding, above the second worth a word."""


@workflows.register("md")
class MD(Atomistic):
    """Molecular dynamics: the motion of atoms in a chosen ensemble."""

    ensemble: Ensemble = NVTLangevin()
    """What is held constant."""
    timestep: Timestep = 1.0
    """Length of a step; a tenth of the fastest vibration's period at most."""
    steps: Annotated[Count | None, Instead("time")] = None
    """How many steps to take; 1000 when no time is given either."""
    time: Annotated[Duration | None, Instead("steps")] = None
    """Simulated time, in place of steps."""
    every: Count = 10
    """Steps from one stored frame to the next."""
    seed: Seed = 0
    """Seed of initial velocities and noise: the same seed gives the same run. Replica k has seed + k."""
    replicas: Replicas | None = None
    """How many copies are simulated side by side; as many as a ladder of temperatures has, or one."""
    skin: Length | None = None
    """How far beyond the cutoff neighbours are listed; changes speed and rounding only. Estimated when not given."""
    frozen: Selection = ()
    """Atoms held in place: indices, ranges or symbols, such as 0:16,Si; besides those the structure holds."""
    walls: Walls | None = None
    """What keeps atoms together where nothing is periodic."""
    guards: Guards = Guards()
    """Bounds beyond which the run ends by itself."""
    monitoring: Monitoring = Monitoring()
    """Whether it stays where the potential can be trusted."""

    @model_validator(mode="after")
    def _one_length(self) -> "MD":
        if self.time is not None and self.steps is not None:
            raise ValueError(f"give steps ({self.steps}) or time ({self.time:g} fs), not both")
        if self.time is not None and self.time / self.timestep > MOST_STEPS:
            told = f"time ({self.time:g} fs) is {self.time / self.timestep:.3g} steps of {self.timestep:g} fs"
            raise ValueError(f"{told}, and a run has {MOST_STEPS} at most; give a shorter time or a longer timestep")
        return self

    @model_validator(mode="after")
    def _as_many_values_as_replicas(self) -> "MD":
        for name, ladder in self._ladders().items():
            if len(ladder.values) != self.copies:
                told = f"{name} has {len(ladder.values)} values for {self.copies} replicas"
                raise ValueError(f"{told}; give one value, or one for each")
        return self

    @property
    def copies(self) -> int:
        """How many replicas there are."""
        return self.replicas or next((len(ladder.values) for ladder in self._ladders().values()), 1)

    @property
    def colours(self) -> tuple[str, ...]:
        """Those of every workflow on atoms, after what a monitor says of them."""
        return (*self.monitoring.colours, *super().colours)

    @property
    def colouring(self) -> str:
        """What a monitor says of them."""
        return next(iter(self.monitoring.colours), "")

    @property
    def total(self) -> int:
        """Steps to take."""
        if self.time is None:
            return 1000 if self.steps is None else self.steps
        return math.ceil(self.time / self.timestep - 1e-9)

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse a system the potential does not cover, or cannot be simulated."""
        check(system)
        given, potential = potential, self._moved_by(potential)
        potential.check(system)
        system, timestep = held(system, self.frozen), self.internal("timestep")
        for index in range(self.copies):
            self.ensemble.of_replica(index).prepare(system, timestep)
        integrator = self._integrator(system)
        if self.walls:
            self.walls.check(system, integrator)
        self._warn_of_drift(system, integrator)
        self._warn_of_monitor(self.monitoring.watching(system, given), given)
        first, skin = self._start(system, integrator, 0), self.skin or self._estimated_skin(system, potential)
        rehearse(first, potential, integrator, pbc=system.pbc, skin=skin)

    def constants(self, system: System, /) -> Mapping[str, object]:
        """Coordinates of atoms; momenta and held atoms when the system brought any, so that a rerun has them."""
        momenta = {} if system.momenta is None else {"initial_momenta": np.asarray(system.momenta)}
        mobile = {} if system.mobile is None else {"mobile": np.asarray(system.mobile)}
        return {**super().constants(system), **momenta, **mobile, **self._replica_coordinates()}

    def resolved(self, done: int = 0) -> "MD":
        """The same with schedules over the time still to be simulated, and as many replicas as a ladder has values."""
        timed = self.over((self.total - done) * self.timestep, self.time_at(done))
        return timed.replace(replicas=self.copies) if self._ladders() else timed

    def time_at(self, step: int) -> float:
        """Simulated time, fs."""
        return step * self.timestep

    def extended(self, steps: int) -> "MD":
        """The same run, `steps` long."""
        kept = {name: getattr(self, name) for name in type(self).model_fields if name not in ("steps", "time")}
        return type(self)(**kept, steps=steps)

    def watched_as(self, other: "Workflow | None") -> "MD":
        """With the monitor of another run, or with none."""
        return self.replace(monitoring=other.monitoring if isinstance(other, MD) else Monitoring())

    def plots(self, system: System, /) -> tuple[Plot, ...]:
        """Those of every workflow on atoms, and what a monitor looks at."""
        return (*super().plots(system), *self.monitoring.plots())

    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """Frames every `every` steps, the start included."""
        return self._dynamics(system, potential, store, controls, checkpoint)

    def _dynamics(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None,
        revise: Revise | None = None,
    ) -> Generator[Update, None, None]:
        monitor = self._monitor(system, potential)
        potential = self._moved_by(potential)
        system = held(system.astype(potential.spec.state_precision), self.frozen)
        potential = self.walls.around(potential, system) if self.walls else potential
        integrator = self._integrator(system)
        states = [self._start(system, integrator, index) for index in range(self.copies)]
        live = LiveValues(controls, self, self.internal("timestep"), self.copies)
        stride, colours = self.every * self.monitoring.look_every, self.colours
        for chunk in simulate(
            states if len(states) > 1 else states[0],
            potential,
            integrator,
            looking_every(live, stride) if monitor else live,
            pbc=system.pbc,
            steps=self.total,
            every=self.every,
            skin=self.skin or self._estimated_skin(system, potential),
            guards=self.guards,
            checkpoint=checkpoint,
            revise=revise,
        ):
            variables = {**self._variables(chunk.frames, system, int(states[0].freedom)), **chunk.variables}
            fresh, told = len(chunk.frames.step) > 0, live.at(chunk.frames.step)
            judged = monitor.judge(chunk.frames, told.get("live_threshold")) if monitor else Judgement()
            if fresh:
                store.append(as_stored(variables | told | judged.variables, store))
            yield Update(
                done=chunk.done,
                total=self.total,
                system=newest(chunk.frames, system) if fresh else None,
                series=series_of(variables) | judged.series,
                of_atoms=of_atoms(variables | judged.variables, colours) if fresh else {},
                spread=spread(chunk.progress.state) if fresh else None,
                checkpoint=chunk.checkpoint,
                verdict=judged.newest,
                alarm=Alarm(judged.alarm, self.monitoring.on_alarm) if judged.alarm else None,
            )

    def _monitor(self, system: System, potential: AbstractPotential) -> "Monitor | None":
        if (watch := self.monitoring.watching(system, potential)) is None:
            return None
        # Uncertainties are imported for those who have a monitor only.
        from ._monitor import Monitor

        return Monitor(watch, self.monitoring, system, self.timestep)

    def _variables(self, frames: Frame, system: System, freedom: int) -> dict[str, np.ndarray]:
        """Stored frames by the names and units of the quantities table."""
        return variables_of(frames, system, self.timestep, freedom)

    def _moved_by(self, potential: AbstractPotential) -> AbstractPotential:
        """The potential in the form that the integrator takes."""
        return potential

    def _integrator(self, system: System) -> AbstractIntegrator:
        """What moves this system."""
        return self.ensemble.of_replica(0).integrator(self.internal("timestep"))

    def _start(self, system: System, integrator: AbstractIntegrator, index: int) -> MDState:
        """A replica at the start: that of a single run with its seed and its temperature."""
        draw, run = _keys(self.seed + index)
        if system.momenta is None:
            kT = self.ensemble.of_replica(index).initial_temperature
            system = system.with_momenta(draw_momenta(system, kT, key=draw))
        elif self._drift(system, integrator) > _ROUNDING:
            system = at_rest(system, spins=not integrator.conserves_momentum)
        symmetry = self.walls.symmetry(system) if self.walls else None
        return start_state(system, integrator, key=run, symmetry=symmetry)

    def _drift(self, system: System, integrator: AbstractIntegrator) -> float:
        """Part of the kinetic energy that is motion of the whole, which a thermostat would take for heat."""
        given, heats = system.momenta is not None, "temperature" in self.ensemble.live()
        free = system.mobile is None and self.walls is None and len(system.numbers) > 1
        if not (given and heats and free and (integrator.conserves_momentum or integrator.holds_center)):
            return 0.0
        return drift(system, spins=not integrator.conserves_momentum)

    def _warn_of_drift(self, system: System, integrator: AbstractIntegrator) -> None:
        if (share := self._drift(system, integrator)) > _MUCH:
            warnings.warn(
                f"{share:.0%} of the kinetic energy was motion of the system as a whole; it is taken out, because "
                f"{self.ensemble.registered_name} would take it for heat",
                RunWarning,
                stacklevel=2,
            )

    def _warn_of_monitor(self, watch: "Watch | None", potential: AbstractPotential) -> None:
        if watch and watch.remark:
            warnings.warn(watch.remark, RunWarning, stacklevel=2)
        if watch and watch.uncertainty.potential.fingerprint != potential.fingerprint:
            told = "the monitor's uncertainty is of another potential than the one that moves the atoms; it is taken so"
            warnings.warn(told, RunWarning, stacklevel=2)

    def _estimated_skin(self, system: System, potential: AbstractPotential) -> float:
        """For the hottest replica, at the hottest of its schedule."""
        target = self.ensemble.controls().get("temperature", self.ensemble.of_replica(0).initial_temperature)
        kT = max(getattr(target, "values", (target,)))
        return automatic_skin(system, potential.cutoff, kT, self.internal("timestep"), edge_cost=potential.edge_cost)

    def _ladders(self) -> dict[str, Ladder]:
        return {name: value for name, value in self.ensemble.live().items() if isinstance(value, Ladder)}

    def _replica_coordinates(self) -> Mapping[str, object]:
        """What tells replicas apart; a single run has none."""
        if self.copies == 1:
            return {}
        targets = {f"target_{name}": np.array(ladder.values) for name, ladder in self._ladders().items()}
        return {"replica": np.arange(self.copies), "seed": self.seed + np.arange(self.copies), **targets}


@jax.jit
def _keys(seed: int):
    """One for the momenta, one for the bath."""
    draw, run = jax.random.split(jax.random.PRNGKey(seed))
    return draw, run
