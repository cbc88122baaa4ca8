"""What it costs to take an atom out of a design."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..potentials import AbstractPotential
from ..statics.defects import without
from ..system import System
from .freedom import Freedom, freedom_of
from .medium import Arrangement, Medium, Stage
from .quantity import quantity
from .relaxation import relaxed


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


class Vacancy(eqx.Module):
    """A crystal without one of its atoms."""

    stage: Stage
    freedom: Freedom
    kept: Int[np.ndarray, " others"]

    @classmethod
    def of(cls, system: System, potential: AbstractPotential, atom: int, stretch: float = 1.0) -> "Vacancy":
        """**Raises:** `InputError` for an atom that is not there, or the only one."""
        missing = without(system, atom)
        kept = np.delete(np.arange(len(system.numbers)), atom)
        free = freedom_of(missing, positions=True, cell="fixed")
        return cls(Stage.of(missing, potential, stretch=stretch), free, kept)

    def energy(self, medium: Medium, crystal: Arrangement) -> Float[Array, ""]:
        """Of what is left of a crystal, at rest in its cell, eV.

        It is at a minimum, so that its derivative by the crystal is that by the cell alone.
        """
        start = Arrangement(crystal.positions[self.kept], crystal.cell)
        weights = None if medium.weights is None else medium.weights[:, self.kept]
        mine = eqx.tree_at(lambda m: m.weights, medium, weights, is_leaf=lambda leaf: leaf is None)
        table = self.stage.neighbors(start)

        def energy(along, given):
            medium, start = given
            return self.stage.energy(medium, table, self.freedom.changed(along, start))

        rest = jax.lax.stop_gradient(relaxed(energy, jnp.zeros(self.freedom.size), (mine, start)))
        serves = self.stage.serves(mine, table, self.freedom.changed(rest, start))
        return jnp.where(serves, energy(rest, (mine, start)), jnp.nan)
