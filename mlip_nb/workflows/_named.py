"""One thing, a list of them, or a dict: each gets a name, by which results are told apart."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from ..errors import InputError
from ..potentials import AbstractPotential
from ..system import System

T = TypeVar("T")
Several = T | Iterable[T] | Mapping[str, T]
"""One, a list, or a dict with names."""


def named_systems(systems: Several[System]) -> dict[str, System]:
    """By names, those given or their formulas.

    **Raises:** `InputError` for anything else, for none, and for two of one name.
    """
    return _named(systems, System, lambda system: system.formula)


def named_potentials(potentials: Several[AbstractPotential]) -> dict[str, AbstractPotential]:
    """By names, those given or those of their kind.

    **Raises:** `InputError` for anything else, for none, and for two of one name.
    """
    return _named(potentials, AbstractPotential, lambda potential: potential.spec.registered_name)


def is_several(things: object) -> bool:
    """True for a list or a dict: results then have a dim more, however many there are."""
    return isinstance(things, Iterable) and not isinstance(things, (str, System, AbstractPotential))


def _named(things: Several[T], kind: type[T], label: Callable[[T], str]) -> dict[str, T]:
    """Name -> thing; what is given without names is named by what it is, and counted where that is not enough."""
    named = isinstance(things, Mapping)
    listed = list(things.values() if named else things if is_several(things) else [things])
    wrong = [thing for thing in listed if not isinstance(thing, kind)]
    if wrong or not listed:
        told = repr(wrong[0]) if wrong else "an empty list"
        raise InputError(f"{told} is no {kind.__name__}; give one, a list, or a dict with names")
    labels = [str(name) for name in things] if named else _counted([label(thing) for thing in listed])
    if twice := [name for name in labels if labels.count(name) > 1]:
        raise InputError(f"two are called {twice[0]!r}; give each a name of its own")
    return dict(zip(labels, listed, strict=True))


def _counted(labels: list[str]) -> list[str]:
    return [f"{text}-{number}" for number, text in enumerate(labels)] if len({*labels}) < len(labels) else labels
