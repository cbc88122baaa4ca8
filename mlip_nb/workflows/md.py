"""Molecular dynamics."""

import math
from collections.abc import Generator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import model_validator

from .. import units
from ..params import Count, Duration, Length, Timestep
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..simulate import Ensemble, Frame, Guards, NVTLangevin, draw_momenta, simulate, start_state
from ..system import System, check, velocities
from ._base import Controls, Workflow, workflows
from ._update import Update

_SERIES = (
    "step",
    "time",
    "temperature",
    "potential_energy",
    "kinetic_energy",
    "total_energy",
    "conserved",
    "pressure",
    "volume",
)


@workflows.register("md")
class MD(Workflow):
    """Molecular dynamics: the motion of atoms in a chosen ensemble."""

    ensemble: Ensemble = NVTLangevin()
    """What is held constant."""
    timestep: Timestep = 1.0
    """Length of a step; a tenth of the fastest vibration's period at most."""
    steps: Count | None = None
    """How many steps to take; 1000 when no time is given either."""
    time: Duration | None = None
    """Simulated time, in place of steps."""
    every: Count = 10
    """Steps from one stored frame to the next."""
    seed: int = 0
    """Seed of initial velocities and noise: the same seed gives the same run."""
    skin: Length = 0.5
    """How far beyond the cutoff neighbours are listed; changes speed only."""
    guards: Guards = Guards()
    """Bounds beyond which the run ends by itself."""

    @model_validator(mode="after")
    def _one_length(self) -> "MD":
        if self.time is not None and self.steps is not None:
            raise ValueError(f"give steps ({self.steps}) or time ({self.time:g} fs), not both")
        return self

    @property
    def total(self) -> int:
        """Steps to take."""
        if self.time is None:
            return 1000 if self.steps is None else self.steps
        return math.ceil(self.time / self.timestep - 1e-9)

    def prepare(self, system: System, potential: AbstractPotential) -> None:
        """Refuse a system the potential does not cover, or cannot be simulated."""
        check(system)
        potential.check(system)
        self.ensemble.prepare(system, self.internal("timestep"))

    def constants(self, system: System) -> Mapping[str, object]:
        """Coordinates of atoms; momenta when the system brought its own, so that a rerun starts from them."""
        momenta = {} if system.momenta is None else {"initial_momenta": np.asarray(system.momenta)}
        return {**super().constants(system), **momenta}

    def resolved(self) -> "MD":
        """The same with schedules over the simulated time."""
        return self.over(self.total * self.timestep)

    def time_at(self, step: int) -> float:
        """Simulated time, fs."""
        return step * self.timestep

    def extended(self, steps: int) -> "MD":
        """The same run, `steps` long."""
        kept = {name: getattr(self, name) for name in type(self).model_fields if name not in ("steps", "time")}
        return MD(**kept, steps=steps)

    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
    ) -> Generator[Update, None, None]:
        """Frames every `every` steps, the start included."""
        system = system.astype(potential.spec.state_precision)
        integrator = self.ensemble.integrator(self.internal("timestep"))
        draw, run = jax.random.split(jax.random.PRNGKey(self.seed))
        if system.momenta is None:
            system = system.with_momenta(draw_momenta(system, self.ensemble.initial_temperature, key=draw))
        state = start_state(system, integrator, key=run)
        for chunk in simulate(
            state,
            potential,
            integrator,
            controls,
            pbc=system.pbc,
            steps=self.total,
            every=self.every,
            skin=self.skin,
            guards=self.guards,
            checkpoint=checkpoint,
        ):
            variables = _variables(chunk.frames, system, self.timestep, int(state.freedom))
            fresh = len(chunk.frames.step) > 0
            if fresh:
                store.append(variables)
            yield Update(
                done=chunk.done,
                total=self.total,
                system=_system(chunk.frames, system) if fresh else None,
                series={name: variables[name] for name in _SERIES if name in variables},
                checkpoint=chunk.checkpoint,
            )


def _system(frames: Frame, system: System) -> System:
    """The newest of some frames."""
    positions, cell, momenta = (jnp.asarray(values[-1]) for values in (frames.positions, frames.cell, frames.momenta))
    return System(positions, system.numbers, system.masses, cell, momenta, system.pbc)


def _variables(frames: Frame, system: System, timestep: float, freedom: int) -> dict[str, np.ndarray]:
    """Stored frames by the names and units of the quantities table."""
    masses = np.asarray(system.masses)[:, None]
    kinetic = 0.5 * np.sum(frames.momenta.astype(float) ** 2 / masses, axis=(1, 2))
    variables = {
        "step": frames.step.astype(np.int64),
        "time": frames.step * timestep,
        "positions": frames.positions,
        "velocities": velocities(frames.momenta, masses),
        "forces": frames.forces,
        "cell": frames.cell,
        "potential_energy": frames.potential_energy,
        "kinetic_energy": kinetic,
        "total_energy": frames.potential_energy + kinetic,
        "conserved": frames.conserved,
        "temperature": _temperature(frames.flow, freedom),
    }
    return variables | (_stress(frames) if all(system.pbc) else {})


def _temperature(flow: np.ndarray, freedom: int) -> np.ndarray:
    """K, of the momenta right after the thermostat: those of a frame read low where a splitting biases them."""
    twice_kinetic = np.trace(flow.astype(float), axis1=-2, axis2=-1)
    return twice_kinetic / (freedom * units.KELVIN) if freedom else np.zeros_like(twice_kinetic)


def _stress(frames: Frame) -> dict[str, np.ndarray]:
    """Stress with its kinetic part, tension positive, and what follows from it."""
    volume = np.abs(np.linalg.det(frames.cell))
    stress = (frames.strain_derivative - frames.flow) / volume[:, None, None] / units.GIGAPASCAL
    return {"stress": stress, "pressure": -np.trace(stress, axis1=1, axis2=2) / 3, "volume": volume}
