"""The potential of a line: by name or file with its parameters, a variable, the session's, or by the elements."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from ... import potentials
from ...potentials import AbstractPotential, PotentialSpec
from ..session import is_a
from ._base import Offers, Variable

if TYPE_CHECKING:
    from ...system import System
    from .._as_python import PythonWriter
    from ..session import Session


def from_calculator(value: Any) -> Any:
    """An ASE calculator as a potential; anything else as it is."""
    if isinstance(value, (AbstractPotential, PotentialSpec)) or not is_a(value, "potential"):
        return value
    return potentials.from_calculator(value)


def offered_files(_session: "Session") -> list[str]:
    """Files that may hold a potential."""
    return sorted(str(path) for path in Path().glob("*.*") if potentials.potentials.takes_file(path.name))


PotentialChoice = Annotated[
    PotentialSpec | AbstractPotential | None,
    BeforeValidator(from_calculator),
    Variable("potential"),
    Offers(offered_files),
]
"""A name or a file (its parameters become flags), or a variable: a potential, or an ASE calculator."""


def potential_for(chosen: Any, system: "System", session: "Session") -> tuple[AbstractPotential, str]:
    """The potential to use, and a remark when nobody asked for it."""
    chosen = chosen or session.potential
    remark = ""
    if chosen is None:
        chosen = potentials.default_potential(system)
        remark = potentials.announcement(chosen)
    return built(chosen), remark


def built(chosen: AbstractPotential | PotentialSpec) -> AbstractPotential:
    """The potential of a specification; a potential as it is."""
    return chosen.build() if isinstance(chosen, PotentialSpec) else chosen


def potential_as_python(chosen: Any, write: "PythonWriter") -> str:
    """The expression of the potential to use for `system`."""
    chosen = chosen or write.session.potential
    if chosen is None:
        return f"{write.imported('mlip_nb.potentials', 'default_potential')}(system).build()"
    if isinstance(chosen, PotentialSpec):
        arguments = write.arguments(chosen)
        return f"{write.ours('potential')}({chosen.registered_name!r}{', ' * bool(arguments)}{arguments})"
    name = write(chosen)
    wrapped = write.session.variable(name) is not chosen
    return f"{write.ours('from_calculator')}({name})" if wrapped else name


def describe(chosen: AbstractPotential | PotentialSpec) -> str:
    """`stillinger-weber for Si, Ge (its origin)`."""
    spec = chosen if isinstance(chosen, PotentialSpec) else chosen.spec
    return f"{spec.registered_name} for {spec.coverage} ({spec.origin})"
