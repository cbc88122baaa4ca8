"""Some atoms: how they are named, those held in place, and who is left to move."""

import dataclasses
from collections.abc import Iterable
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool
from pydantic import BeforeValidator

from ..errors import InputError
from ..system import System


def _items(value: Any) -> Any:
    """What a user may write for some atoms, as texts: `"0:16,Si"`, `[0, 1, -1]`, `"Si"`, an array of indices."""
    if isinstance(value, str):
        value = value.split(",")
    value = _listed(value)
    items = [_listed(item) for item in value] if isinstance(value, Iterable) else [value]
    for item in items:
        _refuse_table(item)
    return tuple(item.strip() if isinstance(item, str) else str(item) for item in items if item != "")


def _listed(value: Any) -> Any:
    """Arrays as lists and numbers of Python."""
    return value.tolist() if hasattr(value, "tolist") else value


def _refuse_table(item: Any) -> None:
    """A mask says nothing about the atoms it was made for, and rows of a table even less."""
    if isinstance(item, bool):
        raise ValueError("a mask of True and False is not taken; give indices, such as np.flatnonzero(mask)")
    if isinstance(item, (list, tuple)):
        raise ValueError(f"atoms are named in one row (got the row {item!r}); flatten it, or give indices 0, 1, 2")


Selection = Annotated[tuple[str, ...], BeforeValidator(_items)]
"""Some atoms: indices from 0, ranges such as `0:16`, chemical symbols."""


def held(system: System, frozen: Iterable[str]) -> System:
    """The same system with more atoms held in place, and those at rest.

    **Raises:** `InputError` for a name that fits no atom, or when nobody is left to move.
    """
    mobile = np.ones(len(system.numbers), bool) if system.mobile is None else np.array(system.mobile)
    mobile &= ~selected(system, frozen, "frozen")
    if not mobile.any():
        raise InputError("all atoms are frozen and nothing would move; free some of them")
    if mobile.all():
        return system
    momenta = None if system.momenta is None else jnp.where(mobile[:, None], system.momenta, 0)
    return dataclasses.replace(system, momenta=momenta, mobile=jnp.asarray(mobile))


def selected(system: System, selection: Iterable[str], name: str) -> Bool[np.ndarray, " atoms"]:
    """True for the atoms that a `Selection` names; errors are about the parameter `name`.

    **Raises:** `InputError` for what fits no atom.
    """
    chosen = np.zeros(len(system.numbers), bool)
    for item in selection:
        chosen[_chosen(system, item, name)] = True
    return chosen


def _chosen(system: System, item: str, name: str) -> int | slice | np.ndarray:
    from ase.data import atomic_numbers

    atoms = len(system.numbers)
    if item in atomic_numbers:
        return _of_element(system, item, atomic_numbers[item], name)
    try:
        chosen = slice(*(int(end) if end.strip() else None for end in item.split(":"))) if ":" in item else int(item)
        found = np.arange(atoms)[chosen]
    except (ValueError, TypeError):
        raise InputError(f"{name}: {item!r} names no atoms; write indices (5), ranges (0:16) or symbols (Si)") from None
    except IndexError:
        raise InputError(f"{name}: there is no atom {item}; atoms are 0 to {atoms - 1}") from None
    if not np.size(found):
        raise InputError(f"{name}: the range {item} has no atoms; atoms are 0 to {atoms - 1}")
    return chosen


def _of_element(system: System, symbol: str, number: int, name: str) -> np.ndarray:
    chosen = np.asarray(system.numbers) == number
    if not chosen.any():
        raise InputError(f"{name}: no atom is {symbol}; the system has {', '.join(sorted(set(system.symbols)))}")
    return chosen
