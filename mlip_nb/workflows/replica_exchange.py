"""Temperature replica exchange: walkers that visit all temperatures, so that the cold ones cross barriers."""

from collections.abc import Generator

import numpy as np
from pydantic import model_validator

from ..errors import InputError
from ..params import Count, Replicas, Temperature
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..schedule import Ladder
from ..simulate import read_header
from ..system import System
from ._base import Controls, workflows
from ._exchange import Course, Exchange
from ._update import Update
from .md import MD

_RUNGS = 8


@workflows.register("replica-exchange")
class ReplicaExchange(MD):
    """Molecular dynamics at several temperatures that exchange their structures (parallel tempering).

    The Dataset is sorted by temperature: replica 0 is the coldest, and `walker` says whose structure it has.

    ??? cite "Reference"
        Y. Sugita, Y. Okamoto, *Chem. Phys. Lett.* **314**, 141 (1999), doi:10.1016/S0009-2614(99)01123-9;
        with pressure: T. Okabe et al., *Chem. Phys. Lett.* **335**, 435 (2001), doi:10.1016/S0009-2614(01)00055-0
    """

    replicas: Replicas | None = None
    """How many temperatures; as many as a ladder has, or eight."""
    lowest: Temperature = 300.0
    """Lowest temperature; those between are in geometric progression, unless temperature is a ladder."""
    highest: Temperature = 600.0
    """Highest temperature."""
    exchange_every: Count = 100
    """Steps from one attempt at exchanges to the next."""

    @model_validator(mode="after")
    def _ladder_climbs(self) -> "ReplicaExchange":
        if "temperature" not in self.ensemble.live():
            raise ValueError(
                f"{self.ensemble.registered_name} has no thermostat to exchange; choose an ensemble with one"
            )
        given = self.ensemble.live()["temperature"]
        default = type(self.ensemble).model_fields["temperature"].default
        if not isinstance(given, Ladder) and given != default:
            raise ValueError(f"temperature is {given}; give lowest and highest, or a ladder such as 300:600:8")
        rungs = self.rungs
        if len(rungs) < 2 or any(hot <= cold for cold, hot in zip(rungs, rungs[1:], strict=False)):
            told = ", ".join(f"{kelvin:g}" for kelvin in rungs)
            raise ValueError(f"two temperatures or more are needed, each above the one before; got {told} K")
        for name, end in (("lowest", rungs[0]), ("highest", rungs[-1])):
            if name in self.model_fields_set and getattr(self, name) != end:
                raise ValueError(
                    f"{name} is {getattr(self, name):g} K, but the ladder ends at {end:g} K; give one of them"
                )
        return self

    @property
    def copies(self) -> int:
        """How many replicas there are."""
        return super().copies if self.replicas or self._ladders() else _RUNGS

    @property
    def rungs(self) -> tuple[float, ...]:
        """The temperatures, K."""
        given = self.ensemble.live().get("temperature")
        if isinstance(given, Ladder):
            return given.values
        return tuple(np.geomspace(self.lowest, self.highest, self.copies).tolist())

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what `MD` refuses, and a target stress: there is no enthalpy to compare."""
        super().prepare(system, potential)
        if getattr(self.ensemble, "stress", None) is not None:
            raise InputError("replica exchange knows pressure but no stress; leave stress away")

    def resolved(self, done: int = 0) -> "ReplicaExchange":
        """The same with its temperatures as a ladder."""
        rungs = self.rungs
        ladder = self.replace(temperature=Ladder(rungs), replicas=len(rungs), lowest=rungs[0], highest=rungs[-1])
        return ladder.over((ladder.total - done) * ladder.timestep, ladder.time_at(done))

    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """Frames every `every` steps, sorted by temperature."""
        start = Course.start(self.copies, self.exchange_every)
        course = start if checkpoint is None else Course.read(read_header(checkpoint)["notes"])
        exchange = Exchange(course, controls, self.exchange_every, self.seed)
        return self._dynamics(system, potential, store, exchange.controls, checkpoint, exchange.revise)
