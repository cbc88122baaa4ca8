"""An energy of jax_md that is already bound to its displacement function, as a potential."""

import inspect
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError
from ..system import System
from ._base import AbstractPotential, Edges, Parts
from ._jax_md_maker import title
from ._jax_md_rows import Rows
from .jax_md import JaxMDSpec

_STRETCH = 1.01
"""How much the cell is stretched to see whether an energy follows."""
_STEP = 1e-3
"""Å: of the atom with the largest force, to compare gradient and energy."""
_AGREEMENT = 1e-5
"""Relative; energies that some of jax_md's functions round to single precision agree to 1e-7."""


class BoundPotential(AbstractPotential):
    """jax_md's energy function as it is, asked for positions in the caller's order.

    Where its displacement function is bound to one box, energies in another cell are not numbers; so is the strain
    derivative where it takes no `perturbation`.
    """

    cell: Float[Array, "3 3"]
    """That of the system it was handed over with."""
    energy: Callable = eqx.field(static=True)
    layout: str | None = eqx.field(static=True)
    """Of the neighbour list it reads; None when it reads none."""
    mask_self: bool = eqx.field(static=True)
    fractional: bool = eqx.field(static=True)
    follows_box: bool = eqx.field(static=True)
    follows_strain: bool = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    spec: JaxMDSpec = eqx.field(static=True)

    def compute(self, edges: Edges) -> Parts:
        """By the gradient, which jax_md gives in real space whatever the coordinates, and by `perturbation`.

        **Raises:** `InputError` for a cell in which the nearest image is not the only one.
        """
        rows = Rows.of(edges)
        if rows.copies > 1:
            raise InputError(
                "jax_md sees nearest images alone: each height of the cell must be twice cutoff and skin, "
                f"{2 * edges.neighbors.grid.reach:.2f} Å; repeat the cell"
            )
        strain = jnp.zeros((3, 3), edges.positions.dtype)
        total = jax.grad(lambda *geometry: self._energies(rows, *geometry), argnums=(0, 1), has_aux=True)
        (slopes, strain), energies = total(self._coordinates(rows), strain)
        known = jnp.where(self.follows_box | jnp.array_equal(self.cell, edges.cell), 1.0, jnp.nan)
        return rows.parts(energies * known, slopes * known, strain if self.follows_strain else strain * jnp.nan)

    def _coordinates(self, rows: Rows) -> Float[Array, "atoms 3"]:
        return rows.positions @ jnp.linalg.inv(rows.cell) if self.fractional else rows.positions

    def _energies(self, rows: Rows, coordinates, strain) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        """The total, and the energies of atoms or the total once more."""
        lists = {} if self.layout is None else {"neighbor": rows.neighbor_list(self.layout, mask_self=self.mask_self)}
        deformation = jnp.eye(3, dtype=strain.dtype) + strain
        box = {"box": rows.cell.T} if self.follows_box and any(rows.pbc) else {}
        energies = ask(self.energy, coordinates, **lists, **box, perturbation=deformation.T)
        energies = units.to_internal(energies, self.spec.energy_unit).astype(coordinates.dtype)
        return energies.sum(), energies


def from_jax_md(
    neighbor_fn: Any,
    energy_fn: Callable,
    system: System,
    *,
    cutoff: float,
    fractional_coordinates: bool = False,
    energy_unit: str = "eV",
    precision: str = "float64",
) -> BoundPotential:
    """The potential of a pair of jax_md's functions, or of an energy of positions alone (`neighbor_fn` None).

    `system` is one of those they were made for; on it is found out, with two evaluations of each kind, what they can
    do: whether they know its cell and follow `box=` and `perturbation=`, and that `cutoff` (Å) and gradient are right.

    **Raises:** `InputError` that says which of these fails.
    """
    layout, mask_self = _list_of(neighbor_fn, _coordinates(system, fractional_coordinates))
    trial = _Trial(energy_fn, neighbor_fn, system, fractional_coordinates)
    trial.check_cell()
    potential = BoundPotential(
        cell=system.cell.astype("float32" if precision == "float32" else "float64"),
        energy=energy_fn,
        layout=layout,
        mask_self=mask_self,
        fractional=fractional_coordinates,
        follows_box=not any(system.pbc) or (trial.takes_box and trial.knows_cell(_STRETCH)),
        follows_strain=trial.energy(perturbation=_STRETCH * jnp.eye(3)) != trial.energy(),
        cutoff=float(cutoff),
        spec=JaxMDSpec(energy=title(energy_fn), range=cutoff or None, energy_unit=energy_unit, precision=precision),
    )
    trial.check_cutoff(potential)
    trial.check_gradient(potential)
    return potential


def ask(energy: Callable, coordinates, **arguments):
    """The energy, told of `arguments` what it takes."""
    parameters = inspect.signature(energy).parameters.values()
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    names = {parameter.name for parameter in parameters}
    return energy(coordinates, **{name: value for name, value in arguments.items() if anything or name in names})


class _Trial:
    """What functions do on one system, by their own neighbour list."""

    def __init__(self, energy_fn: Callable, neighbor_fn: Any, system: System, fractional: bool):
        self._system, self._fractional, self._energy = system, fractional, energy_fn
        coordinates = _coordinates(system, fractional)
        self._lists = {} if neighbor_fn is None else {"neighbor": neighbor_fn.allocate(coordinates)}
        self.takes_box = any(system.pbc) and self._takes_box()

    def energy(self, stretch: float = 1.0, moved=0.0, **arguments) -> float:
        """Of the system stretched as a whole, and positions then moved."""
        cell = stretch * self._system.cell
        coordinates = _coordinates(self._system, self._fractional) * (1 if self._fractional else stretch) + moved
        box = {"box": cell.T} if self.takes_box else {}
        return float(jnp.sum(ask(self._energy, coordinates, **self._lists, **box, **arguments)))

    def _takes_box(self) -> bool:
        """Some displacement functions refuse a box, others take it and do not look at it."""
        from jax_md import space

        try:
            ask(self._energy, _coordinates(self._system, self._fractional), **self._lists, box=self._system.cell.T)
        except space.UnexpectedBoxException:
            return False
        return True

    def knows_cell(self, stretch: float = 1.0) -> bool:
        """An atom moved by a lattice vector changes nothing."""
        vectors = jnp.eye(3) if self._fractional else stretch * self._system.cell
        start = self.energy(stretch)
        first = jnp.zeros_like(self._system.positions).at[0]
        moved = [first.set(vectors[axis]) for axis in range(3) if self._system.pbc[axis]]
        return all(_agree(self.energy(stretch, by), start) for by in moved)

    def check_cell(self) -> None:
        """The cell is that of the displacement function."""
        if not self.knows_cell():
            raise InputError(
                "the energy changes when an atom moves by a lattice vector: its displacement function does not know "
                "this cell; make it with jax_md.space.periodic_general(system.cell.T, fractional_coordinates=False)"
            )

    def check_cutoff(self, potential: BoundPotential) -> None:
        """Within the cutoff is all that counts."""
        theirs = units.to_internal(self.energy(), potential.spec.energy_unit)
        ours = float(potential.evaluate(self._system).energy)
        if not _agree(ours, theirs):
            raise InputError(
                f"within a cutoff of {potential.cutoff:g} Å the energy is {ours:.8g} eV, and {theirs:.8g} eV by its "
                "own list; give the distance beyond which it is zero"
            )

    def check_gradient(self, potential: BoundPotential) -> None:
        """Forces are the change of the energy with positions in space."""
        forces = potential.evaluate(self._system).forces
        step = _STEP * forces / jnp.maximum(abs(forces).max(), jnp.finfo(forces.dtype).tiny)
        change = step @ jnp.linalg.inv(self._system.cell) if self._fractional else step
        numeric = units.to_internal(self.energy(moved=-change) - self.energy(moved=change), potential.spec.energy_unit)
        work = 2 * jnp.sum(forces * step)
        if abs(numeric - work) > 1e-2 * work:
            raise InputError(
                "the gradient of the energy is not that in real space, which jax_md's displacement functions give; "
                "check fractional_coordinates, and make the displacement with jax_md.space"
            )


def _agree(one: float, other: float) -> bool:
    return abs(one - other) <= _AGREEMENT * max(abs(one), abs(other))


def _coordinates(system: System, fractional: bool) -> Float[Array, "atoms 3"]:
    return system.positions @ jnp.linalg.inv(system.cell) if fractional else system.positions


def _list_of(neighbor_fn: Any, coordinates: Float[Array, "atoms 3"]) -> tuple[str | None, bool]:
    """The format of its lists, and whether atoms are left out of their own."""
    if neighbor_fn is None:
        return None, True
    made = neighbor_fn.allocate(coordinates)
    others, own = made.idx if made.format.name != "Dense" else (made.idx, jnp.arange(len(coordinates))[:, None])
    return made.format.name, not bool(jnp.any((others == own) & (others < len(coordinates))))
