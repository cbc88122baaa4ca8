"""The melting temperature: crystal and liquid side by side."""

import dataclasses
import warnings
from typing import TYPE_CHECKING, Annotated, ClassVar

import annotated_types
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..errors import InputError, RunWarning, SimulationError
from ..params import Count, Duration, Pressure, Replicas, Seed, Share, Temperature, Timestep
from ..potentials import AbstractPotential
from ..properties.averages import average
from ..properties.interface import Phases, slab_orders
from ..properties.two_levels import two_levels
from ..results.schema import build_dataset
from ..simulate import NPH, Ensemble, NPTRescaling, NVTLangevin
from ..system import System, from_ase, to_ase
from ._at_rest import check_crystal
from ._members import members_of
from ._property import Property
from ._statics import atoms_of, end_of, origin
from .md import MD

if TYPE_CHECKING:
    import xarray as xr

_LOST = 0.1
"""Part of the slabs below which a phase is lost."""
_MOLTEN = 0.6
"""Of the order of the crystal: above is no liquid."""


class Melt(Property):
    r"""Melting temperature by coexistence: half of a crystal is molten, and both phases are left to themselves at
    constant enthalpy and pressure. Where it is too warm crystal melts and cools them, where too cold liquid freezes and
    heats, until they are at the melting temperature.

    ??? cite "Reference"
        J. R. Morris, C. Z. Wang, K. M. Ho, C. T. Chan, *Phys. Rev. B* **49**, 3109 (1994),
        doi:10.1103/PhysRevB.49.3109
    """

    asks_members: ClassVar[bool] = False

    temperature: Temperature
    """A guess, at which they begin."""
    pressure: Pressure = 0.0
    """Outside."""
    repeats: tuple[Count, Count, Count] = (4, 4, 8)
    """Of the structure as it is given; the interfaces are normal to the third lattice vector."""
    timestep: Timestep = 2.0
    """Length of a step."""
    preparation: Duration = 4000.0
    """Time of each of three preparations: the crystal warms up, half of it melts, and both come to the guess and the
    pressure."""
    time: Duration = 40000.0
    """How long both phases are left to themselves."""
    every: Count = 50
    """Steps from one stored frame to the next."""
    discard: Share = 0.3
    """Part of that time, at its start, that is left out."""
    superheat: Annotated[float, annotated_types.Gt(1), annotated_types.Le(10)] = 4.0
    """Temperature that melts, over the guess."""
    expansion: Annotated[float, annotated_types.Ge(-0.2), annotated_types.Le(0.5)] = 0.1
    """By how much the half that is to melt is stretched along the third vector beforehand, about as melting expands it:
    at the volume of the crystal a liquid that cools would freeze before the cell has answered."""
    slabs: Annotated[int, annotated_types.Ge(6), annotated_types.Le(200)] = 12
    """Along the third lattice vector, each of them crystal or liquid."""
    replicas: Replicas = 1
    """Runs with other velocities, for the statistical error."""
    members: bool = False
    """Each member of a committee by itself, for the error of the model."""
    seed: Seed = 0
    """Of velocities and noise."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Temperatures of all runs and what they say together; frames are those of the first run.

        **Raises:** `InputError` for what is no crystal, and where no run keeps both phases.
        """
        check_crystal(system, potential, "a melting temperature", differentiable=False)
        crystal = from_ase(to_ase(system).repeat(self.repeats))
        runs = [self._both(crystal, one) for one in self._potentials(potential)]
        found = [self._judged(data, phases) for data, phases in runs]
        joined = {name: np.stack([one[name] for one in found]) for name in found[0]}
        first, phases = runs[0]
        attrs = {**origin("melt", self, system, potential), "threshold": phases.threshold}
        frames = self._frames(_one(first, 0))
        return build_dataset({**atoms_of(crystal), **frames, **joined, **self._told(joined)}, attrs=attrs)

    def _frames(self, run: "xr.Dataset") -> dict[str, object]:
        """Of one run, with the order of its slabs."""
        names = ("step", "time", "positions", "cell", "potential_energy")
        return {**{name: run[name].values for name in names}, "slab_order": _orders(run, self.slabs)}

    def _told(self, joined: dict[str, np.ndarray]) -> dict[str, float]:
        """What all runs say together.

        **Raises:** `InputError` where none has kept both phases.
        """
        values, errors = (joined[f"coexistence_temperature{ending}"] for ending in ("", "_error"))
        if np.isnan(values).all():
            raise InputError(self._lost(joined))
        if lost := int(np.isnan(values).sum()):
            warnings.warn(f"{lost} of {values.size} runs lost a phase and say nothing", RunWarning, stacklevel=5)
        found = two_levels(values, errors)
        return {
            "melting_temperature": found.value,
            "melting_temperature_error": found.total,
            "melting_temperature_statistical_error": found.statistical,
            "melting_temperature_model_error": found.model,
        }

    def _lost(self, joined: dict[str, np.ndarray]) -> str:
        share, kelvin = float(joined["crystal_share"][..., -1].mean()), float(joined["run_temperature"][..., -1].mean())
        if share < 0.5:
            became, cure = "melted as a whole", "a lower --temperature"
        else:
            became, cure = "froze as a whole", "a higher --temperature, or more --superheat and --preparation"
        return (
            f"the crystal {became}, and is at {kelvin:.0f} K; take {cure}, or longer --repeats along the third vector"
        )

    def _potentials(self, potential: AbstractPotential) -> list[AbstractPotential]:
        if not self.members:
            return [potential]
        if not (members := members_of(potential)):
            raise InputError("members: the potential is no committee; leave --members out, or take one with members")
        return members

    def _both(self, crystal: System, potential: AbstractPotential) -> "tuple[xr.Dataset, Phases]":
        """The run with both phases, and how they are told apart."""
        pressed = {"pressure": self.pressure, "coupling": "anisotropic"}
        warm = self._after(NPTRescaling(temperature=self.temperature, **pressed), crystal, potential)
        half = _stretched(warm, self.expansion)
        molten = self._after(NVTLangevin(temperature=self.superheat * self.temperature), half, potential)
        phases = self._phases(warm, molten)
        free = dataclasses.replace(molten, mobile=None)
        start = self._after(NPTRescaling(temperature=self.temperature, **pressed), free, potential)
        alone = MD(
            ensemble=NPH(temperature=self.temperature, **pressed),
            time=self.time,
            replicas=self.replicas,
            **self._steps(),
        )
        return _finished(alone.run(start, potential)), phases

    def _phases(self, warm: System, molten: System) -> Phases:
        """The order of the crystal, and of the half that has been molten.

        **Raises:** `InputError` where it has not.
        """
        crystal = float(self._order(warm).mean())
        liquid = float(self._order(molten)[self.slabs // 2 + 1 : -1].mean())
        if liquid > _MOLTEN * crystal:
            raise InputError(
                f"half of the crystal did not melt at {self.superheat * self.temperature:.0f} K: order {liquid:.2f}, "
                f"{crystal:.2f} in the crystal; take more --superheat or --preparation"
            )
        return Phases(crystal, liquid)

    def _after(self, ensemble: Ensemble, system: System, potential: AbstractPotential) -> System:
        """What a preparation ends with; velocities are drawn anew."""
        md = MD(ensemble=ensemble, time=self.preparation, **self._steps())
        return end_of(_finished(md.run(system, potential)), system)

    def _order(self, system: System) -> Float[np.ndarray, " slabs"]:
        return slab_orders(np.asarray(system.positions, float), np.asarray(system.cell, float), self.slabs)

    def _steps(self) -> dict[str, object]:
        return {"timestep": self.timestep, "every": self.every, "seed": self.seed}

    def _judged(self, data: "xr.Dataset", phases: Phases) -> dict[str, np.ndarray]:
        """By replica: temperatures, shares of the crystal, and the mean temperature where both phases are kept."""
        rows = [self._of_run(_one(data, index), phases) for index in range(self.replicas)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _of_run(self, run: "xr.Dataset", phases: Phases) -> dict[str, np.ndarray | float]:
        share = phases.share(_orders(run, self.slabs))
        kelvin = run["temperature"].values
        kept = slice(int(self.discard * len(kelvin)), None)
        found = average(kelvin[kept])
        lost = share[kept].min() < _LOST or share[kept].max() > 1 - _LOST
        return {
            "run_temperature": kelvin,
            "crystal_share": share,
            "coexistence_temperature": np.nan if lost else float(found.mean),
            "coexistence_temperature_error": np.nan if lost else float(found.error),
        }


def _stretched(system: System, expansion: float) -> System:
    """The upper half stretched along the third lattice vector and free, the lower one held."""
    cell = np.asarray(system.cell, float)
    fractions = np.asarray(system.positions, float) @ np.linalg.inv(cell)
    height = fractions[:, 2] % 1
    upper, taller = height >= 0.5, 1 + expansion / 2
    fractions[:, 2] = np.where(upper, 0.5 + (height - 0.5) * (1 + expansion), height) / taller
    cell = cell * np.array([1, 1, taller])[:, None]
    places = {"positions": jnp.asarray(fractions @ cell), "cell": jnp.asarray(cell)}
    return dataclasses.replace(system, mobile=jnp.asarray(upper), **places)


def _one(data: "xr.Dataset", replica: int) -> "xr.Dataset":
    return data.isel(replica=replica) if "replica" in data.dims else data


def _orders(run: "xr.Dataset", slabs: int) -> Float[np.ndarray, "frames slabs"]:
    frames = zip(run["positions"].values.astype(float), run["cell"].values.astype(float), strict=True)
    return np.stack([slab_orders(positions, cell, slabs) for positions, cell in frames])


def _finished(data: "xr.Dataset") -> "xr.Dataset":
    """**Raises:** `KeyboardInterrupt` where Ctrl-C ended a run, `SimulationError` where something else did."""
    if data.attrs["status"] == "stopped":
        raise KeyboardInterrupt
    if data.attrs["status"] != "finished":
        raise SimulationError(f"a run ended early: {data.attrs.get('message', '')}; take a shorter --timestep")
    return data
