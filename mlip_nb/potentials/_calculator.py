"""One of our potentials as an ASE calculator."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.stress import full_3x3_to_voigt_6_stress
from jaxtyping import Array, Bool

from ..neighbors import AbstractNeighborFinder, Neighbors, finder
from ..system import System, check
from ._base import AbstractPotential, Evaluation, evaluation

_SKIN = 0.5
"""Å: how far beyond the cutoff neighbours are listed, so that most steps of an ASE run need no new list."""


class PotentialCalculator(Calculator):
    """Energy, energies, forces and stress for ASE.

    Keeps its neighbour table as long as no atom has moved half the skin, and its shapes as long as they fit: an
    optimisation or an MD run of ASE compiles once.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "free_energy", "energies", "forces", "stress"]

    def __init__(self, potential: AbstractPotential):
        super().__init__()
        self.potential = potential
        self._finder = finder(potential.cutoff, _SKIN, reverse=potential.needs_reverse)
        self._table: Neighbors | None = None
        self._cell: np.ndarray | None = None
        self._covered: tuple | None = None

    def calculate(self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes) -> None:
        """Everything at once: forces and stress come from one gradient.

        **Raises:** `InputError` for a system the potential does not cover; ASE's `PropertyNotImplementedError` for the
        stress of a system that is not periodic along all three directions.
        """
        super().calculate(atoms, properties, system_changes)
        if "stress" in properties and not self.atoms.pbc.all():
            raise PropertyNotImplementedError("stress needs periodic images along all three directions; set pbc=True")
        result = self._evaluate(_system(self.atoms, self.potential.spec.state_precision))
        self.results = {
            "energy": float(result.energy),
            "free_energy": float(result.energy),
            "energies": np.asarray(result.energies, float),
            "forces": np.asarray(result.forces, float),
        }
        if result.stress is not None:
            self.results["stress"] = full_3x3_to_voigt_6_stress(np.asarray(result.stress, float))

    def _evaluate(self, system: System) -> Evaluation:
        """With the table there is, made anew inside the same compiled call when it is out of date."""
        self._cover(system)
        deformed = self._cell is None or not np.array_equal(self._cell, system.cell)
        self._cell = np.asarray(system.cell)
        if self._table is None:
            self._table = Neighbors.blank(self._finder.grid(system), system)
        result, self._table = _refresh_and_evaluate(
            self.potential, self._finder, self._table, system, jnp.asarray(deformed)
        )
        if self._table.overflow:
            self._table = self._finder.allocate(system)
            result, self._table = _refresh_and_evaluate(
                self.potential, self._finder, self._table, system, jnp.asarray(True)
            )
        return result

    def _cover(self, system: System) -> None:
        """Check elements and cell when they are new; another number of atoms or periodicity needs another table."""
        numbers = np.asarray(system.numbers)
        kind = (numbers.tobytes(), system.pbc)
        if kind != self._covered:
            check(system)
            self.potential.check(system)
            self._covered, self._table, self._cell = kind, None, None


@eqx.filter_jit
def _refresh_and_evaluate(
    potential: AbstractPotential,
    finder: AbstractNeighborFinder,
    table: Neighbors,
    system: System,
    deformed: Bool[Array, ""],
) -> tuple[Evaluation, Neighbors]:
    moved = ~table.complete(system.positions[table.order].T)
    table = jax.lax.cond(deformed | moved, lambda: finder.update(table, system), lambda: table)
    return evaluation(potential.measure, system, table, stress=True), table


def _system(atoms: Atoms, precision: str) -> System:
    """The system of an `ase.Atoms`, unchecked: ASE's loops call this at every step."""
    return System(
        positions=jnp.asarray(atoms.positions, precision),
        numbers=jnp.asarray(atoms.numbers, np.int32),
        masses=jnp.asarray(atoms.get_masses(), precision),
        cell=jnp.asarray(atoms.cell.array, precision),
        pbc=tuple(bool(periodic) for periodic in atoms.pbc),
    )
