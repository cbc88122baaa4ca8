"""Workflows whose subject is a system of atoms."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..system import System
from ._base import Workflow
from ._plots import Axis, Plot, Trace

if TYPE_CHECKING:
    import xarray as xr

_ENERGIES = ("potential_energy", "kinetic_energy", "total_energy")


class Atomistic(Workflow):
    """Something a user can run on a system of atoms."""

    axis: ClassVar[Axis] = Axis("time", "ps", 1e-3)

    @property
    def colours(self) -> tuple[str, ...]:
        """What every run on atoms stores."""
        return ("forces", "velocities")

    def constants(self, system: System, /) -> Mapping[str, object]:
        """What the atoms are."""
        return {
            "symbol": np.array(system.symbols),
            "number": np.asarray(system.numbers),
            "mass": np.asarray(system.masses, float),
        }

    def identity(self, system: System, /) -> Mapping[str, object]:
        """Periodic directions."""
        return {"pbc": json.dumps(list(system.pbc))}

    def check_same(self, path: Path, past: "xr.Dataset", system: System, /) -> None:
        """**Raises:** `InputError` for other atoms, others of them held, other periodic directions."""
        number, mass = np.asarray(system.numbers), np.asarray(system.masses, float)
        if not (np.array_equal(past["number"], number) and np.allclose(past["mass"], mass)):
            raise InputError(f"{path} holds other atoms than this system; load the structure it was made with")
        everybody = np.ones(len(number), bool)
        free = everybody if system.mobile is None else np.asarray(system.mobile)
        if not np.array_equal(past.get("mobile", everybody), free):
            raise InputError(
                f"{path} holds other atoms in place than this structure; load the structure it was made with"
            )
        if json.loads(past.attrs["pbc"]) != list(system.pbc):
            raise InputError(f"{path} is periodic along {past.attrs['pbc']}, this system along {list(system.pbc)}")

    def as_begun(self, past: "xr.Dataset", system: System, /) -> System:
        """As the first frame has it: what walls and degrees of freedom were made for."""
        first = past.isel(frame=0, replica=0, missing_dims="ignore")
        places = (jnp.asarray(first[name].values) for name in ("positions", "cell"))
        return eqx.tree_at(lambda s: (s.positions, s.cell), system, tuple(places))

    def about(self, system: System, /) -> str:
        """Its formula."""
        return system.formula

    def plots(self, system: System, /) -> tuple[Plot, ...]:
        """Temperature, pressure, and energies since the start."""
        scale = 1e3 / len(system.numbers)
        energies = (Trace(name.removesuffix("_energy"), name, scale, from_start=True) for name in _ENERGIES)
        return (
            Plot("Temperature", "K", (Trace("now", "temperature"),), target="temperature"),
            Plot("Energy change", "meV/atom", tuple(energies)),
            Plot("Conserved, drift", "meV/atom", (Trace("now", "conserved", scale, from_start=True),), detail=True),
            Plot("Pressure", "GPa", (Trace("now", "pressure"),), target="pressure", detail=True),
        )
