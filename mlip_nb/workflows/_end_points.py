"""The two ends of a path: the same atoms in the same order."""

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from ase.geometry import find_mic
from jaxtyping import Float, Int

from ..errors import InputError
from ..system import System
from ._named import Several, is_several, named_systems

_CELL = 1e-6
"""Å."""
_PLACE = 0.5
"""Å: an atom this near to where another one was has taken its place."""
_HELD = 1e-2
"""Å: what atoms that are held may be off between two files."""


def nearest_images(initial: System, final: System, *, exchange: bool) -> System:
    """The final structure, each atom as near as possible to where it begins.

    **Raises:** `InputError` for other atoms, another cell, atoms that are held in place and yet move, or, without
    `exchange`, atoms in another order.
    """
    numbers, others = np.asarray(initial.numbers), np.asarray(final.numbers)
    if not np.array_equal(np.sort(numbers), np.sort(others)):
        raise InputError(f"the path goes from {initial.formula} to {final.formula}; both ends need the same atoms")
    if not np.array_equal(numbers, others):
        first = int(np.flatnonzero(numbers != others)[0])
        told = f"atom {first} is {initial.symbols[first]} at the start and {final.symbols[first]} at the end"
        raise InputError(f"{told}; put the atoms of both ends in one order")
    if initial.pbc != final.pbc or np.abs(np.asarray(initial.cell) - np.asarray(final.cell)).max() > _CELL:
        raise InputError("both ends of a path need the same cell; this one changes on the way")
    begin = np.asarray(initial.positions, float)
    moves = nearest(np.asarray(final.positions, float) - begin, initial)
    _check_held(moves, initial)
    if not exchange:
        _check_order(begin, moves, numbers, initial)
    return dataclasses.replace(final, positions=jnp.asarray(begin + moves, initial.positions.dtype))


def nearest(vectors: Float[np.ndarray, "vectors 3"], system: System) -> Float[np.ndarray, "vectors 3"]:
    """Shortest images of vectors."""
    if not any(system.pbc):
        return vectors
    return np.asarray(find_mic(vectors, np.asarray(system.cell, float), pbc=system.pbc)[0])


def named_pairs(initial: Several[System], final: Several[System]) -> dict[str, tuple[System, System]]:
    """Start and end of each path, by the name of the start.

    **Raises:** `InputError` where they are not as many, or have other names.
    """
    starts, ends = named_systems(initial), named_systems(final)
    if len(starts) != len(ends) or is_several(initial) != is_several(final):
        raise InputError(f"{len(starts)} paths begin and {len(ends)} end; give each start its end")
    if isinstance(initial, Mapping) and isinstance(final, Mapping) and list(starts) != list(ends):
        raise InputError(f"starts are called {', '.join(starts)} and ends {', '.join(ends)}; give both the same names")
    return dict(zip(starts, zip(starts.values(), ends.values(), strict=True), strict=True))


def _check_held(moves: Float[np.ndarray, "atoms 3"], system: System) -> None:
    """The way cannot move them, and would end elsewhere."""
    if system.mobile is None:
        return
    lengths = np.where(np.asarray(system.mobile), 0, np.linalg.norm(moves, axis=1))
    if lengths.max() > _HELD:
        atom = int(np.argmax(lengths))
        raise InputError(
            f"atom {atom} is held in place at the start and {lengths[atom]:.3g} Å away at the end; free it, or let it "
            "end where it is held"
        )


def _check_order(
    begin: Float[np.ndarray, "atoms 3"], moves: Float[np.ndarray, "atoms 3"], numbers: Int[np.ndarray, " atoms"], system
) -> None:
    """A ring of atoms, each where the next one was, is far more likely a matter of bookkeeping than a mechanism."""
    taken = {}
    for atom in np.flatnonzero(np.linalg.norm(moves, axis=1) > _PLACE):
        away = np.linalg.norm(nearest(begin[atom] + moves[atom] - begin, system), axis=1)
        away[numbers != numbers[atom]] = np.inf
        if away.min() < _PLACE:
            taken[int(atom)] = int(np.argmin(away))
    for atom in taken:
        ring = [atom]
        while (following := taken.get(ring[-1])) is not None and following not in ring:
            ring.append(following)
        if following == atom and len(ring) > 1:
            told = ", ".join(map(str, ring))
            raise InputError(
                f"atoms {told} take each other's places: the ends list atoms in two orders; sort one of them, or give "
                "--exchange (exchange=True) if they really do"
            )
