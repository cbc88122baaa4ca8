"""What jax_md calls an energy: a function of a displacement that gives an energy function, with a list or without."""

import importlib
import inspect
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..errors import InputError, unknown

_OURS = {"species", "per_particle", "axis", "format", "fractional_coordinates", "dr_threshold", "capacity_multiplier"}
_OURS |= {"neighbor_list_fn", "pair_neighbor_list_fn", "disable_cell_list", "mask_self", "custom_mask_function"}
"""Arguments that we answer for: they are about lists and layouts, not about physics."""
_UNWRITABLE = {"key", "cfg", "model", "atoms", "directory", "charge"}
"""Arguments of networks, which bring weights and species of their own, and of sums over charges of atoms."""
_BOXES = ("box_size", "box")
_LIST, _PAIR = "_neighbor_list", "_pair"
OBJECT = "#"
"""Stands before the mark of a function that lives in this process alone."""


@dataclass
class Request:
    """The neighbour list that an energy asks for: stands where jax_md's own `neighbor_list` would."""

    cutoff: float = 0.0
    layout: str = "Dense"
    mask_self: bool = True

    def __call__(self, displacement, box, r_cutoff, dr_threshold=0.0, *, format=None, mask_self=True, **unused) -> None:
        """Note it down; nothing is built."""
        self.cutoff, self.mask_self = r_cutoff, mask_self
        self.layout = self.layout if format is None else format.name


@dataclass(frozen=True)
class Maker:
    """A function such as `jax_md.energy.lennard_jones_neighbor_list`."""

    function: Callable
    name: str

    @classmethod
    def named(cls, name: str) -> "Maker":
        """The one of jax_md, or `module:function`.

        **Raises:** `InputError` with the known names.
        """
        if OBJECT in name:
            raise InputError(
                f"{name} was handed over as an object, which no description can build again; hand it over again"
            )
        module, _, function = name.rpartition(":")
        found = getattr(_imported(module or "jax_md.energy", name), function, None)
        if found is None or (not module and name not in known()):
            raise unknown("energy function of jax_md", name, known())
        return cls(found, name)

    @property
    def accepted(self) -> list[str]:
        """Names of its own parameters."""
        first, *names = [p.name for p in self._signature if p.kind is not p.VAR_KEYWORD]
        return [name for name in names if name not in _OURS and name not in _BOXES]

    @property
    def required(self) -> list[str]:
        """Those without a default."""
        return [p.name for p in self._signature if p.default is p.empty and p.name in self.accepted]

    @property
    def takes_list(self) -> bool:
        """True when it makes an energy of positions and a neighbour list."""
        return "neighbor_list_fn" in self._names

    @property
    def needs_species(self) -> bool:
        """True when there is no energy without them."""
        return any(p.name == "species" and p.default is p.empty for p in self._signature)

    def check(self, parameters: Mapping[str, Any], *, species: bool) -> None:
        """Refuse parameters it does not take.

        **Raises:** `InputError` that names the parameter and the ones it does take.
        """
        for name in set(parameters) - set(self.accepted):
            raise unknown(f"parameter of {self.name}", name, self.accepted)
        for name in set(self.required) - set(parameters):
            raise InputError(f"{self.name} needs {name}; give it, for example {name}=1.0")
        if self.needs_species and not species:
            raise InputError(
                f"{self.name} needs species; give the elements in its order, for example species=['Si', 'O']"
            )
        if species and not ("species" in self._names and self.takes_list):
            raise InputError(f"{self.name} makes no difference between species; leave species out")

    def range(self, parameters: Mapping[str, Any], species: int) -> float:
        """Distance beyond which the energy is zero, Å, as its neighbour list tells; 0 when nobody knows."""
        if self.takes_list:
            request = Request()
            self.make(
                lambda a, b, **unused: a - b, jnp.eye(3), parameters, request, np.arange(species) if species else None
            )
            return float(request.cutoff)
        if (sibling := self._sibling()) is not None:
            return sibling.range({name: value for name, value in parameters.items() if name in sibling.accepted}, 0)
        default = next((p.default for p in self._signature if p.name == "cutoff"), 0.0)
        return float(parameters.get("cutoff", 0.0 if default is inspect.Parameter.empty else default))

    def make(self, displacement, cell, parameters: Mapping[str, Any], request: Request, species=None) -> Callable:
        """The energy function: of positions and a list, or of positions alone."""
        options = {"per_particle": True, "axis": (), "neighbor_list_fn": request} | {"species": species}
        given = {name: value for name, value in options.items() if name in self._names and value is not None}
        if "format" in self._names:
            from jax_md import partition

            given["format"] = partition.Dense
        with self._opened(parameters) as arguments:
            box = [cell] if any(name in self._names for name in _BOXES) else []
            made = self.function(displacement, *box, **arguments, **given)
        return self._energy_of(made)

    def _energy_of(self, made) -> Callable:
        """An energy, or a list and an energy."""
        functions = made if isinstance(made, tuple) else (made,)
        if len(functions) != 1 + self.takes_list:
            raise InputError(
                f"{self.name} gives {len(functions)} functions where {1 + self.takes_list} are expected: bind what it "
                "needs beyond positions and neighbours, and hand the rest over with from_jax_md(neighbor_fn, energy_fn)"
            )
        return functions[-1]

    def _sibling(self) -> "Maker | None":
        """The same energy with a neighbour list, which knows how far it reaches."""
        stem = self.name.removesuffix(_PAIR) + _LIST
        return Maker.named(stem) if ":" not in stem and stem in known() else None

    @contextmanager
    def _opened(self, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Parameters, with files open for those who read files."""
        files = {p.name for p in self._signature if getattr(p.annotation, "__name__", "") == "TextIO"}
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(open(value)) if name in files else value for name, value in parameters.items()
            }

    @property
    def _signature(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.function).parameters.values())

    @property
    def _names(self) -> list[str]:
        return [parameter.name for parameter in self._signature]


def known() -> list[str]:
    """Energies of jax_md that are functions of positions, and of parameters that can be written down."""
    from jax_md import energy

    functions = {name: value for name, value in vars(energy).items() if inspect.isfunction(value)}
    return sorted(name for name, value in functions.items() if _suits(name, value, functions))


def _suits(name: str, function: Callable, functions: Mapping[str, Callable]) -> bool:
    first, *rest = inspect.signature(function).parameters.values()
    whole = name.endswith((_LIST, _PAIR)) or name + _LIST in functions or "gold" in name
    callables = any("Callable" in str(p.annotation) for p in rest if p.default is p.empty)
    return (
        first.name.startswith("displacement")
        and whole
        and not callables
        and _UNWRITABLE.isdisjoint(p.name for p in rest)
    )


def _imported(module: str, name: str):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"{name!r}: {error}; write module:function, or a name of jax_md.energy") from error


def title(function: Callable) -> str:
    """`module:function`; with a mark of its own when nobody could import it, so that no two are taken for the same."""
    name = f"{function.__module__}:{function.__qualname__}"
    return name if "<" not in name and function.__module__ != "__main__" else f"{name}{OBJECT}{uuid.uuid4().hex[:12]}"


def plain(parameters: Mapping[str, Any]) -> str:
    """Parameters as JSON text.

    **Raises:** `InputError` for what cannot be written down.
    """
    try:
        return json.dumps(dict(parameters), sort_keys=True, default=lambda value: np.asarray(value, float).tolist())
    except (TypeError, ValueError) as error:
        raise InputError(f"parameters {sorted(parameters)} must be numbers, lists or text: {error}") from error
