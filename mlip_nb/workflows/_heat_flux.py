"""Heat fluxes of the frames of a run."""

from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError
from ..neighbors import Neighbors
from ..potentials import AbstractPotential
from ..results.schema import QUANTITIES
from ..simulate.heat_flux import check_local, heat_flux
from ..system import System
from ._on_beads import on_beads, system_of

if TYPE_CHECKING:
    import xarray as xr


def with_heat_flux(data: "xr.Dataset", potential: AbstractPotential) -> "xr.Dataset":
    """The same run with `heat_flux` (eV Å/fs, times the volume) of every frame, by the potential that moved it.

    Energies of atoms are counted from the mean of their element at the start.

    **Raises:** `InputError` for a run without velocities, with beads, or that another potential has
    moved, and for potentials without energies of atoms or that pass messages.
    """
    _check(data, potential)
    replicated = "replica" in data.dims
    copies = [data.isel(replica=index) for index in range(data.sizes["replica"])] if replicated else [data]
    start = system_of(copies[0])
    potential.check(start)
    check_local(potential, start)
    quantity = _Flux(_offsets(start, potential))
    found = [np.asarray(on_beads(quantity, potential, one, moving=True)[:, 0], float) for one in copies]
    flux = units.from_internal(np.stack(found, axis=1) if replicated else found[0], "eV·Å/fs")
    row = QUANTITIES["heat_flux"]
    return data.assign(heat_flux=(row.dims_of(flux.ndim), flux, row.attrs))


class _Flux(eqx.Module):
    """What is asked of a frame."""

    offsets: Float[Array, " atoms"]

    def __call__(self, potential, system: System, neighbors: Neighbors, away) -> Float[Array, "3"]:
        return heat_flux(potential, system, neighbors, self.offsets)


def _offsets(start: System, potential: AbstractPotential) -> Float[Array, " atoms"]:
    """Mean energy of the element of each atom, eV."""
    energies, numbers = np.asarray(potential.evaluate(start).energies, float), np.asarray(start.numbers)
    return jnp.asarray([energies[numbers == number].mean() for number in numbers])


def _check(data: "xr.Dataset", potential: AbstractPotential) -> None:
    if "velocities" not in data or not data.sizes.get("frame"):
        raise InputError("this Dataset has no velocities, which a heat flux is made of; take that of a run")
    if "gyration_radius" in data:
        raise InputError("this is a run of ring polymers, whose heat flux is not known; take one of classical atoms")
    former = data.attrs.get("potential_fingerprint", potential.fingerprint)
    if former != potential.fingerprint:
        raise InputError(
            f"{potential.spec.registered_name} is not what moved the atoms (fingerprint {potential.fingerprint[:12]}, "
            f"was {former[:12]}); leave --potential out, or give that one"
        )
