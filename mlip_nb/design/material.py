"""`x` of an objective: what a design has, computed when it is asked for, in the units of a laboratory."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError, unknown
from ..neighbors import Neighbors
from ..statics import slopes_of
from ..uncertainty import AbstractUncertainty
from . import thermal
from .competitors import Competing
from .conditions import Conditions
from .defects import Defective
from .medium import Arrangement, Medium, Stage
from .pairs import Paired
from .quantity import quantities_of, quantity
from .saddle import Crossing
from .samples import Reweighted, Samples
from .stiffness import Stiff
from .trust import demand
from .vibration import Vibrating

_DENSITY = 1.66053906660
"""g/cm³ of one amu/Å³."""
_USUAL = Conditions()


class Material(Paired, Stiff, Vibrating, Competing, Defective, Crossing):
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
        conditions: Conditions = _USUAL,
        samples: Samples | None = None,
    ):
        """`still` is where the structure is, with no derivative of where it relaxes to: enough for energies.

        `samples` are those that thermal averages are over.
        """
        self._stage, self._medium, self._table = stage, medium, table
        self._here, self._still, self._trust, self._conditions = here, still, uncertainty, conditions
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

    @property
    def composition(self) -> dict[str, Float[Array, ""]]:
        """Share of each element that a site may be."""
        weights = self._medium.weights
        if weights is None:
            symbols = self._stage.system.symbols
            return {symbol: jnp.asarray(symbols.count(symbol) / len(symbols)) for symbol in sorted(set(symbols))}
        return dict(zip(self._medium.potential.spec.elements or (), jnp.mean(weights, axis=1), strict=True))

    @quantity("e")
    def charge(self) -> Float[Array, ""]:
        """Of all oxidation states, elementary charges of a cell.

        **Raises:** `InputError` where they are not known.
        """
        if not self._conditions.charges:
            raise InputError("charge needs oxidation states of the elements; give --charges, such as Na=1,Cl=-1")
        states, atoms = self._conditions.charges, len(self._here.positions)
        parts = [share * states.get(symbol, 0.0) for symbol, share in self.composition.items()]
        return atoms * jnp.sum(jnp.stack(parts))

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
            inner = Material(self._stage, self._medium, table, at, at, self._trust, self._conditions)
            value = jnp.asarray(function(inner), float)
            self.has_waves |= inner.has_waves
            return value

        return self.ensemble.average(one)

    # Trust

    @quantity("eV/Å")
    def uncertainty(self) -> Float[Array, ""]:
        """The largest of an atom, eV/Å where it is calibrated.

        **Raises:** `InputError` where the potential has none.
        """
        # The potential knows its own units of length and energy only.
        return jnp.max(demand(self._trust).of_graph(self._graph)) * self._medium.energy / self._medium.length

    # Behind them

    def _energy_at(self, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]) -> Float[Array, ""]:
        return self._stage.energy(self._medium, self._table, Arrangement(positions, cell))

    @cached_property
    def _slopes(self):
        return slopes_of(self._energy_at)(self._here.positions, self._here.cell)


class Placed(eqx.Module):
    """A material, and how it got there."""

    x: Any
    along: Float[Array, " coordinates"]
    here: Arrangement
    force: Float[Array, ""]
    serves: Array


QUANTITIES = quantities_of(Material)
"""What a target can be set for, by name."""
