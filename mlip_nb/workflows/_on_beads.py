"""What a potential says of configurations that a run has stored: of each bead of ring polymers, or of points."""

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PyTree

from .. import units
from ..errors import InputError, SimulationError
from ..neighbors import AbstractNeighborFinder, Neighbors, finder
from ..potentials import AbstractPotential
from ..system import System, check

if TYPE_CHECKING:
    import xarray as xr

Quantity = Callable[[AbstractPotential, System, Neighbors, Float[Array, "atoms 3"]], PyTree]
"""What is asked of one bead of all atoms, given how far it is from the centroids; inside jit."""

_BLOCK = 64
"""Frames in one call: between two calls Ctrl-C is heard."""
_ATTEMPTS = 8


def beads_of(data: "xr.Dataset") -> Float[np.ndarray, "frame beads atoms 3"]:
    """Positions of all beads, Å; classical atoms are one bead each.

    **Raises:** `InputError` for ring polymers whose beads were not stored.
    """
    if "bead_positions" in data:
        return np.asarray(data["bead_positions"].values)
    if "gyration_radius" in data:
        raise InputError("this run has no positions of beads; run it again with store_beads (--store-beads)")
    return np.asarray(data["positions"].values)[:, None]


def on_beads(quantity: Quantity, potential: AbstractPotential, data: "xr.Dataset", *, moving: bool = False) -> PyTree:
    """`quantity` of every bead of every frame, `[frame beads ...]`; with `moving` of systems that have momenta.

    **Raises:** `InputError` for atoms that the potential does not cover, and for a run that was moved by more than the
    mean of one potential.
    """
    _check_plain(data)
    system = system_of(data).astype(potential.spec.state_precision)
    check(system)
    potential.check(system)
    beads, cells = beads_of(data), np.asarray(data["cell"].values)
    momenta = _momenta(data) if moving else None
    frames, found, attempt = len(beads), [], 0
    search = finder(potential.cutoff, 0.0, reverse=True)
    table = _allocated(search, system, beads[0, 0], cells[0], attempt)
    for begin in range(0, frames, _BLOCK):
        # The last block is filled with its last frame, so that there is one program.
        chosen = np.minimum(np.arange(begin, begin + _BLOCK), frames - 1)
        block = (beads[chosen], cells[chosen], None if momenta is None else momenta[chosen])
        values, overflows = _evaluated(quantity, potential, search, table, system, block)
        while (full := np.argwhere(overflows)).size:
            if (attempt := attempt + 1) > _ATTEMPTS:
                raise SimulationError(f"the neighbour table of frame {begin + full[0, 0]} keeps overflowing")
            frame, bead = chosen[full[0, 0]], full[0, 1]
            table = _allocated(search, system, beads[frame, bead], cells[frame], attempt)
            values, overflows = _evaluated(quantity, potential, search, table, system, block)
        found.append(jax.tree.map(lambda leaf: np.asarray(leaf), values))
    return jax.tree.map(lambda *blocks: np.concatenate(blocks)[:frames], *found)


def _check_plain(data: "xr.Dataset") -> None:
    """Weights are those of the primitive action in one potential."""
    ensemble = json.loads(data.attrs.get("params", "{}")).get("ensemble", {})
    if ensemble.get("action", "primitive") != "primitive" or ensemble.get("cheap"):
        raise InputError(
            "weights are known for the primitive action in one potential; run it again without action and cheap"
        )


def system_of(data: "xr.Dataset") -> System:
    """What the atoms are, where the first frame has them."""
    first = data.isel(frame=0)
    return System(
        positions=jnp.asarray(first["positions"].values, float),
        numbers=jnp.asarray(first["number"].values, np.int32),
        masses=jnp.asarray(first["mass"].values, float),
        cell=jnp.asarray(first["cell"].values, float),
        pbc=tuple(json.loads(data.attrs["pbc"])),
    )


def _momenta(data: "xr.Dataset") -> Float[np.ndarray, "frame atoms 3"]:
    speeds = np.asarray(data["velocities"].values, float) * units.ANGSTROM_PER_FEMTOSECOND
    return speeds * data["mass"].values[:, None]


def _allocated(search: AbstractNeighborFinder, system: System, positions, cell, attempt: int) -> Neighbors:
    return search.allocate(_placed(system, positions, cell), spare=1.25 * 1.2**attempt)


def _placed(system: System, positions: Any, cell: Any) -> System:
    dtype = system.positions.dtype
    return dataclasses.replace(system, positions=jnp.asarray(positions, dtype), cell=jnp.asarray(cell, dtype))


@eqx.filter_jit
def _evaluated(
    quantity: Quantity,
    potential: AbstractPotential,
    search: AbstractNeighborFinder,
    table: Neighbors,
    system: System,
    block: tuple[Float[Array, "frame beads atoms 3"], Float[Array, "frame 3 3"], Float[Array, "frame atoms 3"] | None],
) -> tuple[PyTree, Bool[Array, "frame beads"]]:
    """Of some frames: beads, cells and, where they are asked for, momenta."""

    def of_bead(positions, cell, momenta, centroid):
        here = dataclasses.replace(_placed(system, positions, cell), momenta=momenta)
        fresh = search.update(table, here)
        away = jnp.asarray(positions - centroid, here.positions.dtype)
        return quantity(potential, here, fresh, away), fresh.overflow

    def of_frame(frame):
        positions, cell, momenta = frame
        return jax.lax.map(lambda bead: of_bead(bead, cell, momenta, positions.mean(axis=0)), positions)

    return jax.lax.map(of_frame, jax.tree.map(jnp.asarray, block))
