"""`x` of an objective: what a design has, computed when it is asked for, in the units of a laboratory."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError, unknown
from ..neighbors import Neighbors
from ..statics import Response, response, slopes_of
from ..uncertainty import AbstractUncertainty
from . import harmonic, thermal
from .medium import Arrangement, Medium, Stage
from .phonons import dynamical_matrix, squares_of, terahertz
from .samples import Reweighted, Samples

_DENSITY = 1.66053906660
"""g/cm³ of one amu/Å³."""
_MESH = (2, 2, 2)

Value = TypeVar("Value")


class quantity(Generic[Value]):
    """A property that is computed once, and taken down as something the objective looked at."""

    def __init__(self, unit: str):
        self.unit = unit

    def __call__(self, compute):
        """The property."""
        self._compute, self.__doc__, self.name = compute, compute.__doc__, compute.__name__
        return self

    def __get__(self, x: "Material | None", owner: type) -> Any:
        if x is None:
            return self
        if self.name not in x.seen:
            x.seen[self.name] = self._compute(x)
        return x.seen[self.name]


class Material:
    """A design as an objective sees it: every quantity can be differentiated by what is varied.

    Energies are those at rest wherever the design is relaxed. Attributes are quantities, methods take arguments.
    """

    def __init__(
        self,
        stage: Stage,
        medium: Medium,
        table: Neighbors,
        here: Arrangement,
        still: Arrangement,
        uncertainty: AbstractUncertainty | None = None,
        samples: Samples | None = None,
    ):
        """`still` is where the structure is, with no derivative of where it relaxes to: enough for energies.

        `samples` are those that thermal averages are over.
        """
        self._stage, self._medium, self._table = stage, medium, table
        self._here, self._still, self._trust = here, still, uncertainty
        self._ensemble = None if samples is None else Reweighted(samples, stage, medium, here)
        self.seen: dict[str, Array] = {}
        """Quantities so far."""
        self.has_waves = False
        """Whether phonons were among them."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise unknown("quantity", name, [name for name in dir(type(self)) if not name.startswith("_")])

    # Structure

    @quantity("Å")
    def positions(self) -> Float[Array, "atoms 3"]:
        """Cartesian positions, Å."""
        return self._here.positions

    @quantity("Å")
    def cell(self) -> Float[Array, "3 3"]:
        """Lattice vectors in rows, Å."""
        return self._here.cell

    @quantity("Å³")
    def volume(self) -> Float[Array, ""]:
        """Of the cell, Å³."""
        return self._here.volume

    @quantity("Å³")
    def volume_per_atom(self) -> Float[Array, ""]:
        """Å³."""
        return self.volume / len(self._here.positions)

    @quantity("g/cm³")
    def density(self) -> Float[Array, ""]:
        """g/cm³."""
        return _DENSITY * jnp.sum(self._stage.masses(self._medium)) / self.volume

    @quantity("Å")
    def lattice_lengths(self) -> Float[Array, "3"]:
        """Lengths of the lattice vectors, Å."""
        return jnp.linalg.norm(self._here.cell, axis=1)

    @quantity("Å")
    def lattice_constant(self) -> Float[Array, ""]:
        """Mean length of the lattice vectors, Å: of a cubic cell its edge."""
        return jnp.mean(self.lattice_lengths)

    @quantity("°")
    def lattice_angles(self) -> Float[Array, "3"]:
        """Between b and c, a and c, a and b, degrees."""
        unit = self._here.cell / self.lattice_lengths[:, None]
        return jnp.degrees(jnp.arccos(jnp.stack([unit[1] @ unit[2], unit[0] @ unit[2], unit[0] @ unit[1]])))

    @quantity("Å")
    def shortest_distance(self) -> Float[Array, ""]:
        """Of two atoms, Å; that of the cutoff where they are further apart."""
        graph = self._stage.graph(self._medium, self._table, self._here)
        return self._medium.length * jnp.min(jnp.where(graph.mask, graph.distances, self._medium.potential.cutoff))

    @property
    def distances(self) -> Float[Array, " edges"]:
        """Of all atoms within the reach of the potential from each other, from either end, Å; others are far away."""
        graph = self._stage.graph(self._medium, self._table, self._here)
        far = 10 * self._medium.potential.cutoff
        return self._medium.length * jnp.ravel(jnp.where(graph.mask, graph.distances, far))

    def coordination(self, radius: float, width: float = 0.1) -> Float[Array, " atoms"]:
        """Neighbours of each atom within a radius, with an edge so wide (both Å), in the order of the system."""
        graph = self._stage.graph(self._medium, self._table, self._here)
        inside = jax.nn.sigmoid((radius - self._medium.length * graph.distances) / width)
        return jnp.sum(jnp.where(graph.mask, inside, 0), axis=0)[jnp.argsort(self._table.order)]

    @property
    def composition(self) -> dict[str, Float[Array, ""]]:
        """Share of each element that a site may be."""
        weights = self._medium.weights
        if weights is None:
            symbols = self._stage.system.symbols
            return {symbol: jnp.asarray(symbols.count(symbol) / len(symbols)) for symbol in sorted(set(symbols))}
        return dict(zip(self._medium.potential.spec.elements or (), jnp.mean(weights, axis=1), strict=True))

    # Energies and their first derivatives

    @quantity("eV")
    def energy(self) -> Float[Array, ""]:
        """Of the cell, eV; relaxed where the design is."""
        enthalpy = self._stage.enthalpy(self._medium, self._table, self._still)
        # The enthalpy is at its minimum: where atoms relax to is no matter of first order.
        outside = self._medium.pressure
        return enthalpy if outside is None else enthalpy - outside * self.volume

    @quantity("eV")
    def energy_per_atom(self) -> Float[Array, ""]:
        """eV; relaxed where the design is."""
        return self.energy / len(self._here.positions)

    @quantity("eV")
    def enthalpy(self) -> Float[Array, ""]:
        """Energy and the work against the pressure outside, eV."""
        return self._stage.enthalpy(self._medium, self._table, self._still)

    @quantity("eV/Å")
    def forces(self) -> Float[Array, "atoms 3"]:
        """eV/Å; zero where the design is relaxed."""
        return self._slopes[0]

    @quantity("GPa")
    def stress(self) -> Float[Array, "3 3"]:
        """GPa, tension positive."""
        return units.from_internal(self._slopes[1] / self.volume, "GPa")

    @quantity("GPa")
    def pressure(self) -> Float[Array, ""]:
        """GPa, compression positive."""
        return -jnp.trace(self.stress) / 3

    # Second derivatives

    @quantity("GPa")
    def elastic_tensor(self) -> Float[Array, "6 6"]:
        """Elastic constants with atoms that follow the strain, GPa, Voigt's notation xx yy zz yz xz xy."""
        # One atom alone has nowhere to go, and its second derivatives are all zero.
        alone = len(self._here.positions) == 1
        return units.from_internal(self._response.clamped if alone else self._response.relaxed, "GPa")

    @quantity("GPa")
    def bulk_modulus(self) -> Float[Array, ""]:
        """Resistance to hydrostatic pressure, GPa: of a crystal that is not cubic its compliances are summed."""
        return 1 / jnp.sum(jnp.linalg.inv(self.elastic_tensor)[:3, :3])

    @quantity("GPa")
    def shear_modulus(self) -> Float[Array, ""]:
        """Of a polycrystal, GPa: the mean of the bounds of Voigt and Reuss."""
        return (_voigt_shear(self.elastic_tensor) + _reuss_shear(jnp.linalg.inv(self.elastic_tensor))) / 2

    @quantity("GPa")
    def young_modulus(self) -> Float[Array, ""]:
        """Of a polycrystal, GPa."""
        return 9 * self.bulk_modulus * self.shear_modulus / (3 * self.bulk_modulus + self.shear_modulus)

    @quantity("1")
    def poisson_ratio(self) -> Float[Array, ""]:
        """Of a polycrystal."""
        bulk, shear = self.bulk_modulus, self.shear_modulus
        return (3 * bulk - 2 * shear) / (2 * (3 * bulk + shear))

    # Vibrations

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

    # Thermal averages

    def average(self, function: Callable[["Material"], Array], name: str = "") -> Array:
        """Over a canonical ensemble at the temperature of the design, of a number or an array that a function finds
        in a configuration: another x, whose energy, pressure (without motion) and positions are of one instant."""
        return self.ensemble.tell(name or getattr(function, "__name__", "average"), self.average_of(function))

    mean_energy = quantity("eV")(thermal.mean_energy)
    mean_pressure = quantity("GPa")(thermal.mean_pressure)
    mean_volume = quantity("Å³")(thermal.mean_volume)
    expansivity = quantity("1/K")(thermal.expansivity)
    radial_distribution = thermal.radial_distribution

    @property
    def ensemble(self) -> Reweighted:
        """Samples that averages are over.

        **Raises:** `InputError` where there is no temperature.
        """
        if self._ensemble is None:
            raise InputError("a thermal average needs a temperature, and is none of averages; give --temperature")
        return self._ensemble

    @property
    def medium(self) -> Medium:
        """What it is made of."""
        return self._medium

    def average_of(self, function: Callable[["Material"], Array]) -> Array:
        """The same as `average`, not taken down."""

        def one(at: Arrangement, table: Neighbors) -> Array:
            return jnp.asarray(function(Material(self._stage, self._medium, table, at, at, self._trust)), float)

        return self.ensemble.average(one)

    # Trust

    @quantity("eV/Å")
    def uncertainty(self) -> Float[Array, ""]:
        """The largest of an atom, eV/Å where it is calibrated.

        **Raises:** `InputError` where the potential has none.
        """
        from .trust import demand

        graph = self._stage.graph(self._medium, self._table, self._here)
        # The potential knows its own units of length and energy only.
        return jnp.max(demand(self._trust).of_graph(graph)) * self._medium.energy / self._medium.length

    # Behind them

    def _energy_at(self, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]) -> Float[Array, ""]:
        return self._stage.energy(self._medium, self._table, Arrangement(positions, cell))

    @cached_property
    def _slopes(self):
        return slopes_of(self._energy_at)(self._here.positions, self._here.cell)

    @cached_property
    def _response(self) -> Response:
        return response(slopes_of(self._energy_at), self._here.positions, self._here.cell)

    def _squares(self, q: Any) -> Float[Array, " modes"]:
        self.has_waves = True
        wave = jnp.asarray(q, float)
        return squares_of(dynamical_matrix(self._stage, self._medium, self._table, self._here, wave))

    def _mesh_squares(self, counts: tuple[int, int, int]) -> Float[Array, "q modes"]:
        return jax.lax.map(self._squares, harmonic.mesh(counts))


QUANTITIES = {name: value for name, value in vars(Material).items() if isinstance(value, quantity)}
"""What a target can be set for, by name."""

_SQUARE_TERAHERTZ = (1 / (2 * jnp.pi * units.to_internal(1.0, "THz"))) ** 2


def _voigt_shear(stiffness: Float[Array, "6 6"]) -> Float[Array, ""]:
    axial, across = jnp.trace(stiffness[:3, :3]), jnp.sum(jnp.triu(stiffness[:3, :3], 1))
    return (axial - across + 3 * jnp.trace(stiffness[3:, 3:])) / 15


def _reuss_shear(compliance: Float[Array, "6 6"]) -> Float[Array, ""]:
    axial, across = jnp.trace(compliance[:3, :3]), jnp.sum(jnp.triu(compliance[:3, :3], 1))
    return 15 / (4 * axial - 4 * across + 3 * jnp.trace(compliance[3:, 3:]))
