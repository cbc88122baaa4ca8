"""How samples of a thermal ensemble are made: by molecular dynamics with a thermostat."""

import math
from dataclasses import astuple, dataclass, replace
from typing import Annotated, Literal

import annotated_types
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .. import units
from ..neighbors import Neighbors
from ..params import Duration, Params, Rate, Temperature, Timestep
from ..properties.averages import inefficiency
from ..simulate import Ensemble, NPTRescaling, NVTLangevin, Rollout, Snapshot, rollout
from .medium import Arrangement, Medium, Stage
from .samples import Samples

_CORRELATED = 1.5
"""Statistical inefficiency above which samples are taken further apart."""
_FURTHEST = 10
_SHRUNK = (1.0, 0.97, 0.94, 0.9, 0.85, 0.8)
"""Of samples that have no room, until they have."""


class Sampling(Params):
    """Samples that thermal averages are over."""

    temperature: Temperature | None = None
    """Of thermal averages (x.average, x.mean_pressure, ...); when it is given nothing relaxes unless asked for."""
    hold: Literal["volume", "pressure"] = "volume"
    """What the ensemble of thermal averages holds besides the temperature."""
    samples: Annotated[int, annotated_types.Ge(20), annotated_types.Le(100_000)] = 200
    """Configurations that an average is over."""
    interval: Duration = 100.0
    """Time from one to the next; longer where the energies of the first ones are found to be correlated."""
    equilibration: Annotated[int, annotated_types.Ge(1), annotated_types.Le(100_000)] = 50
    """Configurations left out before the first; at the very start as many as are drawn, besides."""
    timestep: Timestep = 2.0
    """Of the dynamics between them."""
    friction: Rate = 5.0
    """Coupling to the bath where the volume is held."""
    compressibility: Annotated[float, annotated_types.Gt(0)] = 0.1
    """About that of the material, 1/GPa, where the pressure is held; it only sets the pace."""
    fewest: Annotated[float, annotated_types.Gt(0), annotated_types.Lt(1)] = 0.6
    """Share of the samples that must carry the weights of a design; with less new ones are drawn."""


@dataclass(frozen=True)
class Drawn:
    """What dynamics brought, in lengths of the medium."""

    positions: Float[np.ndarray, "samples atoms 3"]
    cells: Float[np.ndarray, "samples 3 3"]
    energies: Float[np.ndarray, " samples"]

    def last(self, medium: Medium) -> Arrangement:
        """In Å."""
        return Arrangement(*(medium.length * jnp.asarray(one[-1]) for one in (self.positions, self.cells)))


class Sampler:
    """Draws samples of one structure; every draw goes by a seed of its own, and all of them by one program."""

    def __init__(self, sampling: Sampling, stage: Stage, seed: int):
        self.sampling, self._stage, self._seed = sampling, stage, seed
        self.stride = 1
        """Configurations from one sample to the next."""
        self._plan, self._runs = None, 0

    @property
    def kT(self) -> float:
        """eV."""
        return self.sampling.internal("temperature")

    @property
    def blank(self) -> Samples:
        """The structure itself, as often as there are samples."""
        count, system = self.sampling.samples, self._stage.system
        cells = jnp.zeros((count, 3, 3)) if self._is_free else None
        tables = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count, *leaf.shape)), self._stage.table)
        none = jnp.zeros(count)
        return Samples(jnp.zeros((count, len(system.numbers), 3)), cells, none, none, tables, self.kT)

    def draw(self, medium: Medium, here: Arrangement, former: Samples | None) -> Samples:
        """Of a medium, from where the last sample of a former draw was; enthalpies are yet to be told.

        The potential itself moves the atoms, in its own units of length and energy: one program serves whatever these
        scales become.

        **Raises:** `SimulationError` for a medium that falls apart.
        """
        begin = here if former is None else former.arrangement(-1, medium, here)
        if former is None:
            begin = self._settled(medium, begin)
        found = self._spaced(medium, begin)
        none = jnp.zeros(len(found.positions))
        places = jnp.asarray(found.positions), jnp.asarray(found.cells)
        tables = self._tables(medium.length * places[0], medium.length * places[1])
        if not self._is_free:
            places = places[0] @ jnp.linalg.inv(places[1]), None
        return Samples(*places, none, none, tables, self.kT)

    @property
    def _is_free(self) -> bool:
        return self.sampling.hold == "pressure"

    def _settled(self, medium: Medium, begin: Arrangement) -> Arrangement:
        """After a first run, which tells how far apart samples must be."""
        found = self._run(medium, begin)
        late = found.energies[len(found.energies) // 2 :]
        if (correlated := float(inefficiency(late))) > _CORRELATED:
            self.stride = min(math.ceil(correlated), _FURTHEST)
        return found.last(medium)

    def _spaced(self, medium: Medium, begin: Arrangement) -> Drawn:
        """Samples a stride apart: of so many runs of the one program, each from where the one before was."""
        runs = []
        for _ in range(self.stride):
            runs.append(self._run(medium, begin))
            begin = runs[-1].last(medium)
        columns = (np.concatenate(column) for column in zip(*map(astuple, runs), strict=True))
        return Drawn(*(column[self.stride - 1 :: self.stride] for column in columns))

    def _run(self, medium: Medium, begin: Arrangement) -> Drawn:
        sampling, places = self.sampling, (begin.positions / medium.length, begin.cell / medium.length)
        system = eqx.tree_at(lambda s: (s.positions, s.cell), self._stage.system, places)
        rows = sampling.equilibration + sampling.samples
        every = max(1, round(sampling.interval / sampling.timestep))
        self._runs += 1
        found: Rollout = rollout(
            replace(system, momenta=None),
            medium.potential,
            self._ensemble(medium),
            timestep=sampling.timestep,
            steps=rows * every,
            every=every,
            observe=_configuration,
            seed=self._seed + self._runs,
            plan=self._plan,
        )
        self._plan = found.plan
        return Drawn(*(np.asarray(one, float)[-sampling.samples :] for one in found.values))

    def _tables(self, positions, cells) -> Neighbors:
        """Of every sample, in shapes that have room for all of them."""
        tables = _neighbors(self._stage, positions, cells)
        for shrunk in _SHRUNK:
            full = np.flatnonzero(np.asarray(tables.overflow))
            if not full.size:
                break
            # A fluid is more crowded here and there than the structure it was made of.
            self._stage = self._stage.with_room_for(Arrangement(positions[full[0]], cells[full[0]]), shrunk)
            tables = _neighbors(self._stage, positions, cells)
        return tables

    def _ensemble(self, medium: Medium) -> Ensemble:
        """In units of the potential."""
        assert self.sampling.temperature is not None
        temperature, length = self.sampling.temperature / float(medium.energy), float(medium.length)
        if not self._is_free:
            return NVTLangevin(temperature=temperature, friction=self.sampling.friction)
        outside = 0.0 if medium.pressure is None else float(medium.pressure) * length**3 / float(medium.energy)
        return NPTRescaling(
            temperature=temperature,
            pressure=units.from_internal(outside, "GPa"),
            compressibility=self.sampling.compressibility,
            thermostat="langevin",
        )


@eqx.filter_jit
def _neighbors(stage: Stage, positions, cells) -> Neighbors:
    return jax.lax.map(lambda one: stage.neighbors(Arrangement(*one)), (positions, cells))


def _configuration(snapshot: Snapshot) -> tuple[Array, Array, Array]:
    return snapshot.positions, snapshot.cell, snapshot.potential_energy
