"""What a design has by its phonons, at one volume and as that changes."""

from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from .. import units
from ..statics import UNIT_STRAINS
from . import harmonic
from .medium import Arrangement
from .phonons import dynamical_matrix, squares_of, terahertz
from .quantity import quantity
from .spectral import trace_of

_MESH = (2, 2, 2)
_SQUARE_TERAHERTZ = (1 / (2 * jnp.pi * units.to_internal(1.0, "THz"))) ** 2


class Vibrating:
    """Quantities of a material. Those that depend on a temperature and have no arguments are at the temperature of the
    design."""

    def frequencies(self, q: Any = (0.0, 0.0, 0.0)) -> Float[Array, " modes"]:
        """Of phonons at `q` (in reciprocal lattice vectors), THz, ascending; negative for imaginary ones."""
        return terahertz(self._squares(q))

    def gap(self, below: int, q: Any = (0.5, 0.0, 0.0)) -> Float[Array, ""]:
        """Between phonon `below` (the lowest is 1) and the next at `q`, THz."""
        here = self.frequencies(q)
        return here[below] - here[below - 1]

    @quantity("THz²")
    def least_square(self) -> Float[Array, ""]:
        """The smallest squared frequency across a mesh, THz²: negative where the structure is unstable."""
        return jnp.min(self._mesh_squares(_MESH)) * _SQUARE_TERAHERTZ

    def free_energy(self, temperature: float, mesh: tuple[int, int, int] = _MESH) -> Float[Array, ""]:
        """Energy and the free energy of vibrations at a temperature (K), eV, from a mesh of wave vectors."""
        kT = units.to_internal(temperature, "K")
        return self.energy + jnp.mean(harmonic.free_energy(self._mesh_squares(mesh), kT))

    def heat_capacity(self, temperature: float, mesh: tuple[int, int, int] = _MESH) -> Float[Array, ""]:
        """Of vibrations of one cell at constant volume and a temperature (K), eV/K."""
        squares = self._mesh_squares(mesh)
        capacities = harmonic.mode_heat_capacities(squares, units.to_internal(temperature, "K"))
        return jnp.mean(jnp.sum(capacities, axis=-1))

    @quantity("eV")
    def vibrational_free_energy(self) -> Float[Array, ""]:
        """Of harmonic vibrations, eV per cell, without the energy at rest."""
        return jnp.mean(harmonic.free_energy(self._mesh_squares(self._mesh), self._kT))

    @quantity("k_B/atom")
    def harmonic_heat_capacity(self) -> Float[Array, ""]:
        """At constant volume, k_B per atom: 3 by Dulong and Petit."""
        capacity = self.heat_capacity(self._conditions.temperature, self._mesh)
        return capacity / (units.BOLTZMANN * len(self._here.positions))

    @quantity("1")
    def gruneisen_parameter(self) -> Float[Array, ""]:
        r"""$-\partial\ln\omega/\partial\ln V$ under pressure, the mean of all phonons weighed by their heat capacities.

        Atoms and the shape of the cell follow the pressure.
        """
        return self._stiffening / (units.BOLTZMANN * len(self._here.positions) * self.harmonic_heat_capacity)

    @quantity("1/K")
    def thermal_expansion(self) -> Float[Array, ""]:
        r"""Of the volume, 1/K: $\gamma C_V / B V$, which is exact to first order in anharmonicity.

        ??? cite "Reference"
            E. Grüneisen, *Ann. Phys.* **344**, 257 (1912), doi:10.1002/andp.19123441202
        """
        return self._stiffening / (units.to_internal(1.0, "GPa") * self.bulk_modulus * self.volume)

    @property
    def _mesh(self) -> tuple[int, int, int]:
        return self._conditions.mesh

    @property
    def _kT(self) -> float:
        return units.to_internal(self._conditions.temperature, "K")

    @cached_property
    def _stiffening(self) -> Float[Array, ""]:
        r"""$\sum c\gamma$ over the modes of a cell, eV/K: of every wave vector a trace, which is smooth where modes
        meet."""

        def weight(squares):
            vibrates = squares > 0
            capacities = harmonic.mode_heat_capacities(squares, self._kT)
            return jnp.where(vibrates, -capacities / (2 * jnp.where(vibrates, squares, 1.0)), 0.0)

        # Before the loop: what is computed inside it cannot be kept.
        here, swelling = self._here, self._swelling

        def at(wave):
            matrix, change = jax.jvp(lambda here: self._dynamical(here, wave), (here,), (swelling,))
            return trace_of(weight, matrix, change)

        return jnp.mean(jax.lax.map(at, harmonic.mesh(self._mesh)))

    @cached_property
    def _swelling(self) -> Arrangement:
        """What changes with the logarithm of the volume where the pressure does: cell, and atoms in it."""
        soft = jnp.linalg.inv(self.elastic_tensor)[:, :3].sum(axis=1)
        strain = soft / soft[:3].sum()
        tensor = jnp.einsum("I,Iab->ab", strain, jnp.asarray(UNIT_STRAINS))
        moves = (self._response.internal_strain @ strain).reshape(-1, 3)
        return Arrangement(self._here.positions @ tensor + moves, self._here.cell @ tensor)

    def _dynamical(self, here: Arrangement, wave: Float[Array, "3"]) -> Complex[Array, "coordinates coordinates2"]:
        self.has_waves = True
        return dynamical_matrix(self._stage, self._medium, self._table, here, wave)

    def _squares(self, q: Any) -> Float[Array, " modes"]:
        return squares_of(self._dynamical(self._here, jnp.asarray(q, float)))

    def _mesh_squares(self, counts: tuple[int, int, int]) -> Float[Array, "q modes"]:
        return jax.lax.map(self._squares, harmonic.mesh(counts))
