"""Any energy function of jax_md, or of its conventions, as a potential."""

import json
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from pydantic import BeforeValidator, field_validator, model_validator

from .. import units
from ..errors import InputError
from ..params import Length
from ._base import AbstractPotential, Edges, Parts, species_of
from ._jax_md_maker import Maker, Request, plain, title
from ._jax_md_rows import Rows
from ._spec import PotentialSpec, potentials
from ._tables import Species, stored


class JaxMDPotential(AbstractPotential):
    """An energy that jax_md's conventions make from a displacement function, in any cell.

    It sees our neighbour table in jax_md's format and the nearest image in our cell, triclinic or not; a cell that is
    smaller than twice the cutoff is repeated. Forces and stress are its derivatives. Energies of atoms are its own
    where it can tell them (`per_particle`), equal shares where it cannot.
    """

    parameters: Any
    """Numbers and arrays by name: differentiable."""
    maker: Maker = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    spec: "JaxMDSpec" = eqx.field(static=True)

    def compute(self, edges: Edges) -> Parts:
        """By the gradient with respect to positions and strain.

        **Raises:** `InputError` for a periodic system when nobody knows how far the energy reaches.
        """
        if not self.cutoff and any(edges.neighbors.grid.pbc):
            raise InputError(
                f"{self.maker.name} does not tell how far it reaches; give range, Å, or a cluster (pbc=False)"
            )
        rows = Rows.of(edges)
        strain = jnp.zeros((3, 3), edges.positions.dtype)
        total = jax.grad(lambda *geometry: self._energies(rows, *geometry), argnums=(0, 1), has_aux=True)
        (slopes, strain), energies = total(rows.positions, strain)
        return rows.parts(energies, slopes, strain)

    def _energies(self, rows: Rows, positions, strain) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        """The total, and the energies of atoms or the total once more."""
        request, elements = Request(), self.spec.elements
        species = None if elements is None else species_of(rows.numbers, elements)
        energy = self.maker.make(rows.displacement(strain), rows.cell, self.parameters, request, species)
        lists = [rows.neighbor_list(request.layout, mask_self=request.mask_self)] if self.maker.takes_list else []
        energies = units.to_internal(energy(positions, *lists), self.spec.energy_unit).astype(positions.dtype)
        return energies.sum(), energies


def from_jax_md_maker(
    function: Callable,
    *,
    species: tuple[str, ...] | None = None,
    range: float | None = None,
    energy_unit: str = "eV",
    precision: str = "float64",
    **parameters: Any,
) -> JaxMDPotential:
    """The potential of a function like `jax_md.energy.lennard_jones_neighbor_list`: displacement in, energy out.

    A function of your own takes `displacement`, then `box_size` if it wants it, parameters, and `neighbor_list_fn` when
    its energy reads a neighbour list; it then calls that one as jax_md does and returns `(neighbor_fn, energy_fn)`.

    **Raises:** `InputError` for parameters that the function does not take.
    """
    name = title(function)
    spec = JaxMDSpec(
        energy=name,
        parameters=plain(parameters),
        species=species,
        range=range,
        energy_unit=energy_unit,
        precision=precision,
    )
    return _built(spec, Maker(function, name))


def _written(value: Any) -> Any:
    return plain(value) if isinstance(value, dict) else value


@potentials.register("jax-md")
class JaxMDSpec(PotentialSpec):
    """Any energy function of jax_md, by its name there; its parameters are written like one's own."""

    origin: ClassVar[str] = "jax_md, or the function itself"
    licence: ClassVar[str] = "Apache-2.0, or that of the function"

    energy: str
    """Name in `jax_md.energy`, for example lennard_jones_neighbor_list, or `module:function` of the same kind."""
    parameters: Annotated[str, BeforeValidator(_written)] = "{}"
    """Its parameters as JSON text, lengths in Å; in Python they can be given by name."""
    species: Species = None
    """Elements in the order of its species, where it tells them apart; all atoms are alike by default."""
    range: Length | None = None
    """Distance beyond which it is zero; found out by itself where it works with a neighbour list."""
    energy_unit: Literal["eV", "meV", "kJ/mol", "kcal/mol", "Ha", "Ry"] = "eV"
    """Unit of the energies it gives."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, fields: Any) -> Any:
        """What is no field of ours is a parameter of the function."""
        own = {name: value for name, value in fields.items() if name in cls.model_fields}
        rest = {name: value for name, value in fields.items() if name not in cls.model_fields}
        return own | {"parameters": plain(json.loads(own.get("parameters", "{}")) | rest)} if rest else own

    @field_validator("parameters")
    @classmethod
    def _an_object(cls, value: str) -> str:
        try:
            if isinstance(json.loads(value), dict):
                return value
        except json.JSONDecodeError:
            pass
        raise ValueError(f"{value!r} is no JSON object; write for example '{{\"sigma\": 3.4}}'")

    @property
    def elements(self) -> tuple[str, ...] | None:
        """Those given."""
        return self.species

    def build(self) -> JaxMDPotential:
        """The potential.

        **Raises:** `InputError` for an unknown energy, and for parameters it does not take.
        """
        return _built(self, Maker.named(self.energy))


def _built(spec: JaxMDSpec, maker: Maker) -> JaxMDPotential:
    parameters, count = json.loads(spec.parameters), len(spec.species or ())
    maker.check(parameters, species=bool(count))
    stored_parameters = _stored(parameters, spec.precision)
    reach = spec.range or maker.range(stored_parameters, count)
    return JaxMDPotential(stored_parameters, maker=maker, cutoff=reach, spec=spec)


def _stored(value: Any, precision: str) -> Any:
    """Numbers and lists of numbers as arrays; jax_md would round plain numbers to single precision."""
    if isinstance(value, dict):
        return {name: _stored(item, precision) for name, item in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [_stored(item, precision) for item in value]
    return value if isinstance(value, (str, bool)) or value is None else stored(np.asarray(value, float), precision)
