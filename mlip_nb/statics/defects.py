"""Point defects: one atom less, one more, or another one."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..system import System


def without(system: System, atom: int) -> System:
    """A vacancy at the place of an atom.

    **Raises:** `InputError` for an atom that is not there, or the only one.
    """
    _check(system, atom)
    if len(system.numbers) == 1:
        raise InputError("a vacancy needs a crystal of two atoms at least; repeat the cell")
    kept = np.delete(np.arange(len(system.numbers)), atom)
    return dataclasses.replace(
        system,
        positions=system.positions[kept],
        numbers=system.numbers[kept],
        masses=system.masses[kept],
        momenta=None,
        mobile=None if system.mobile is None else system.mobile[kept],
    )


def substituted(system: System, atom: int, element: str) -> System:
    """Another element at the place of an atom.

    **Raises:** `InputError` for an atom that is not there or is of that element, and for no element.
    """
    _check(system, atom)
    number, mass = _element(element)
    if int(system.numbers[atom]) == number:
        raise InputError(f"atom {atom} is {element} already; name another element, or another atom")
    return dataclasses.replace(
        system, numbers=system.numbers.at[atom].set(number), masses=system.masses.at[atom].set(mass), momenta=None
    )


def with_interstitial(system: System, element: str, place: Float[np.ndarray, "3"] | None = None) -> System:
    """One more atom, at a fractional place of the cell; without it where there is most room.

    **Raises:** `InputError` for no element, and a place on top of an atom.
    """
    number, mass = _element(element)
    position = largest_hole(system) if place is None else np.asarray(place) @ np.asarray(system.cell)
    nearest = _nearest(system, position[None])[0]
    if nearest < _ON_TOP:
        raise InputError(
            f"the place {np.asarray(place).tolist()} is {nearest:.2f} Å from an atom; name another one, or none"
        )
    mobile = None if system.mobile is None else jnp.append(system.mobile, True)
    return dataclasses.replace(
        system,
        positions=jnp.concatenate([system.positions, jnp.asarray(position, system.positions.dtype)[None]]),
        numbers=jnp.append(system.numbers, jnp.asarray(number, system.numbers.dtype)),
        masses=jnp.append(system.masses, jnp.asarray(mass, system.masses.dtype)),
        momenta=None,
        mobile=mobile,
    )


_ON_TOP = 0.5
"""Å."""
_GRID = 24
"""Points along each lattice vector among which the largest hole is looked for."""


def largest_hole(system: System) -> Float[np.ndarray, "3"]:
    """The point farthest from all atoms, Å: a point of a grid, moved to where four atoms are equally far."""
    from scipy.optimize import minimize

    ticks = np.arange(_GRID) / _GRID
    grid = np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 3) @ np.asarray(system.cell)
    start = grid[int(np.argmax(_nearest(system, grid)))]
    return minimize(lambda point: -_nearest(system, point[None])[0], start, method="Nelder-Mead").x


def _nearest(system: System, points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, " points"]:
    """Distance to the nearest atom or image of one, Å; images within one cell, for a crystal is not too oblique."""
    from scipy.spatial import cKDTree

    cell = np.asarray(system.cell)
    atoms = (np.asarray(system.positions) @ np.linalg.inv(cell)) % 1 @ cell
    offsets = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3) @ cell
    return cKDTree((atoms[None] + offsets[:, None]).reshape(-1, 3)).query(points)[0]


def _element(name: str) -> tuple[int, float]:
    from ase.data import atomic_masses, atomic_numbers

    if name not in atomic_numbers:
        raise InputError(f"{name!r} is no element; give its symbol")
    return atomic_numbers[name], float(atomic_masses[atomic_numbers[name]])


def _check(system: System, atom: int) -> None:
    if not -len(system.numbers) <= atom < len(system.numbers):
        raise InputError(f"there is no atom {atom} among {len(system.numbers)}; they are counted from 0")
