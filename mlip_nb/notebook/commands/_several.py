"""Structures and potentials of a line that takes one or several: a list, a dict, or words with commas between."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from ...errors import InputError
from ...potentials import AbstractPotential, PotentialSpec, announcement, default_potential
from ._barrier import structure_of
from ._base import File, Offers, Several, Variable
from ._potential import built, from_calculator, offered_files, potential_as_python
from ._potentials import potential_of
from ._structure import Loading, builders, system_as_python, system_of

if TYPE_CHECKING:
    from ...system import System
    from .._as_python import PythonWriter
    from ..session import Session


def _with_commas(text: str) -> str:
    if "," not in text:
        raise ValueError(f"{text!r} names one thing; several have commas between")
    return text


Structures = Annotated[Any, Variable("structure or several"), Offers(builders), File()]
"""One structure, a list or a dict of them, or words with commas between."""
Potentials = Annotated[
    PotentialSpec
    | AbstractPotential
    | Annotated[str, AfterValidator(_with_commas)]
    | InstanceOf[list]
    | InstanceOf[tuple]
    | InstanceOf[dict]
    | None,
    # A description is a dict, too.
    Field(union_mode="left_to_right"),
    BeforeValidator(from_calculator),
    Variable("potential or several"),
    Several(),
    Offers(offered_files),
]
"""One potential (its parameters become flags), a list or a dict of them, or words with commas between."""


def systems_of(source: Any, loading: Loading, session: "Session") -> "System | list[System] | dict[str, System]":
    """The structure, or all of them; words are their names.

    **Raises:** `InputError` for what is no structure, and for a word that is given twice.
    """
    if isinstance(source, dict):
        return {str(name): system_of(one, loading) for name, one in source.items()}
    if isinstance(source, (list, tuple)):
        return [system_of(one, loading) for one in source]
    if not (words := words_of(source, "STRUCTURE")):
        return system_of(source, loading)
    return {Path(word).stem: structure_of(word, session, loading) for word in words}


def each_of(systems: "System | list[System] | dict[str, System]") -> "list[System]":
    """One or several as a list."""
    if isinstance(systems, dict):
        return list(systems.values())
    return systems if isinstance(systems, list) else [systems]


def potentials_of(
    chosen: Any, systems: "list[System]", session: "Session"
) -> tuple[AbstractPotential | list[AbstractPotential] | dict[str, AbstractPotential], str]:
    """The potential for all systems, or all potentials; and a remark when nobody asked for it.

    **Raises:** `InputError` for what is no potential, and for a word that is given twice.
    """
    chosen = session.potential if chosen is None else chosen
    if chosen is None:
        spec = default_potential(*systems)
        return built(spec), announcement(spec)
    if isinstance(chosen, dict):
        return {str(name): potential_of(one, session) for name, one in chosen.items()}, ""
    if isinstance(chosen, (list, tuple)):
        return [potential_of(one, session) for one in chosen], ""
    if words := words_of(chosen, "--potential"):
        return {Path(word).stem: potential_of(word, session) for word in words}, ""
    return built(chosen), ""


def words_of(source: Any, label: str) -> list[str]:
    """Of a text with commas that is no file; none of anything else.

    **Raises:** `InputError` for a word that is given twice.
    """
    if not isinstance(source, str) or "," not in source or Path(source).expanduser().exists():
        return []
    words = [word.strip() for word in source.split(",") if word.strip()]
    stems = [Path(word).stem for word in words]
    if twice := [word for word, stem in zip(words, stems, strict=True) if stems.count(stem) > 1]:
        raise InputError(f"{label}: {twice[0]!r} is given twice; give each once, or a dict with names")
    return words


def systems_as_python(source: Any, loading: Loading, write: "PythonWriter") -> str:
    """The expression of the structure, or of all of them."""
    if words := words_of(source, "STRUCTURE"):
        each = ((word, system_as_python(_held(word, write), loading, write)) for word in words)
        return "{" + ", ".join(f"{Path(word).stem!r}: {text}" for word, text in each) + "}"
    if not isinstance(source, (dict, list, tuple)):
        return system_as_python(source, loading, write)
    arguments = write.arguments(loading)
    made = f"{write.ours('load')}(one{', ' * bool(arguments)}{arguments})"
    if isinstance(source, dict):
        return f"{{name: {made} for name, one in {write(source)}.items()}}"
    return f"[{made} for one in {write(source)}]"


def potentials_as_python(chosen: Any, source: Any, write: "PythonWriter") -> str:
    """The expression of the potential, or of all of them, for the structures of a line."""
    if chosen is None and write.session.potential is None and (several := _star(source)):
        return f"{write.imported('mlip_nb.potentials', 'default_potential')}({several}).build()"
    if words := words_of(chosen, "--potential"):
        texts = (f"{Path(word).stem!r}: {_potential_word(word, write)}" for word in words)
        return "{" + ", ".join(texts) + "}"
    several = isinstance(chosen, (dict, list, tuple))
    return write(chosen) if several else potential_as_python(chosen, write)


def _star(source: Any) -> str:
    """How several structures are given to a function; nothing for one."""
    if isinstance(source, dict) or words_of(source, "STRUCTURE"):
        return "*system.values()"
    return "*system" if isinstance(source, (list, tuple)) else ""


def _potential_word(word: str, write: "PythonWriter") -> str:
    return word if write.session.has(word) else f"{write.ours('potential')}({word!r})"


def _held(word: str, write: "PythonWriter") -> Any:
    return write.session.variable(word) if write.session.has(word) else word
