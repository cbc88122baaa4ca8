"""Several potentials of a line, side by side."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from ...errors import InputError
from ...potentials import AbstractPotential, PotentialSpec, potentials
from ..session import Session, is_a
from ._base import Offers, Positional
from ._potential import built, from_calculator


def _listed(value: Any) -> Any:
    """A single expression is one potential."""
    return value if isinstance(value, (list, tuple)) else [value]


Potentials = Annotated[
    list[Any],
    BeforeValidator(_listed),
    Positional("POTENTIAL..."),
    Offers(lambda session: session.variables("potential")),
]
"""Names, files, variables, expressions."""


def by_name(given: list[Any], session: Session) -> dict[str, AbstractPotential]:
    """Potentials by what the line calls them; counted where two would be the same.

    **Raises:** `InputError` for what is no potential.
    """
    names = _unique([_name(one) for one in given])
    return {name: potential_of(one, session) for name, one in zip(names, given, strict=True)}


def _name(given: Any) -> str:
    return Path(given).stem if isinstance(given, str) else given.spec.registered_name


def _unique(names: list[str]) -> list[str]:
    """Counted where two would be the same."""
    return [
        f"{name}-{names[:place].count(name) + 1}" if names.count(name) > 1 else name for place, name in enumerate(names)
    ]


def potential_of(given: Any, session: Session) -> AbstractPotential:
    """A potential by whatever names it.

    **Raises:** `InputError` for what is no potential.
    """
    value = session.variable(given) if isinstance(given, str) and session.has(given) else given
    value = from_calculator(value) if is_a(value, "potential") else value
    if isinstance(value, str):
        value = potentials.build(value)
    if not isinstance(value, (AbstractPotential, PotentialSpec)):
        raise InputError(f"POTENTIAL: {given!r} holds {type(value).__name__}, which is no potential")
    return built(value)
