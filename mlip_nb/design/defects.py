"""What it costs to take an atom out of a design."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..potentials import AbstractPotential
from ..statics.defects import without
from ..system import System
from .freedom import freedom_of
from .medium import Arrangement, Medium, Stage
from .partner import Partner
from .quantity import quantity


class Defective:
    """Quantities of a material."""

    @quantity("eV")
    def vacancy_energy(self) -> Float[Array, ""]:
        r"""Of forming a vacancy at the volume of the crystal, eV: $E_{N-1} - \frac{N-1}{N} E_N$.

        The atom goes to the crystal itself; of a compound that is a mean over its elements.

        **Raises:** `InputError` where no atom is named.
        """
        vacancy = self._conditions.vacancy
        if vacancy is None:
            raise InputError("vacancy_energy needs the atom that is taken out; give --vacancy, such as 0")
        atoms = len(self._here.positions)
        return vacancy.energy(self._medium, self._here) - (atoms - 1) / atoms * self.energy


class Vacancy(Partner):
    """A crystal without one of its atoms."""

    kept: Int[np.ndarray, " others"]

    @classmethod
    def of(cls, system: System, potential: AbstractPotential, atom: int, stretch: float = 1.0) -> "Vacancy":
        """**Raises:** `InputError` for an atom that is not there, or the only one."""
        missing = without(system, atom)
        kept = np.delete(np.arange(len(system.numbers)), atom)
        free = freedom_of(missing, positions=True, cell="fixed")
        return cls(Stage.of(missing, potential, stretch=stretch), free, kept)

    def energy(self, medium: Medium, crystal: Arrangement) -> Float[Array, ""]:
        """Of what is left of a crystal, at rest in its cell, eV."""
        start = Arrangement(crystal.positions[self.kept], crystal.cell)
        weights = None if medium.weights is None else medium.weights[:, self.kept]
        mine = eqx.tree_at(lambda m: m.weights, medium, weights, is_leaf=lambda leaf: leaf is None)
        return self.energy_near(start, mine)
