"""Slabs of a crystal, with two surfaces."""

import math

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..system import System, from_ase, to_ase

_EMPTY = 2.0
"""Å of vacuum below which two surfaces are bonds."""


def slab(crystal: System, miller: tuple[int, int, int], layers: int, vacuum: float) -> System:
    """So many layers (repeats of the oriented cell) between two surfaces, with `vacuum` (Å) between images.

    Indices are those of the cell as it is given, without what they have in common: 2,2,2 is 1,1,1. The cut goes through
    the widest gap between planes of atoms.

    **Raises:** `InputError` for indices that are all zero, too little vacuum, and what is no crystal.
    """
    from ase.build import surface

    if not all(crystal.pbc):
        raise InputError("a surface is cut from a crystal, periodic in all directions; give it a cell")
    if not any(miller):
        raise InputError("miller: 0,0,0 is no plane; give indices such as 1,1,1")
    if vacuum < _EMPTY:
        raise InputError(f"vacuum: {vacuum:g} Å is less than {_EMPTY:g} Å; images of the slab would touch")
    miller = _coprime(miller)
    atoms = to_ase(crystal)
    atoms.translate(-_widest_gap(crystal, miller))
    made = surface(atoms, miller, layers, vacuum=vacuum / 2)
    made.set_pbc(True)
    return from_ase(made)


def _coprime(miller: tuple[int, int, int]) -> tuple[int, int, int]:
    """Of the same plane, the smallest indices: of 2,2,2 ASE makes a slab with half of the atoms."""
    common, (first, second, third) = math.gcd(*miller), miller
    return first // common, second // common, third // common


def _widest_gap(crystal: System, miller: tuple[int, int, int]) -> Float[np.ndarray, "3"]:
    """The middle of the widest gap between planes of atoms, along the normal of the planes, Å."""
    wave = np.linalg.inv(np.asarray(crystal.cell)) @ np.array(miller)
    heights = np.sort(np.asarray(crystal.positions) @ wave % 1)
    gaps = np.diff(heights, append=heights[0] + 1)
    widest = int(np.argmax(gaps))
    return (heights[widest] + gaps[widest] / 2) * wave / (wave @ wave)


def area(system: System) -> float:
    """Of the face along the first two lattice vectors, Å²."""
    first, second, _ = np.asarray(system.cell)
    return float(np.linalg.norm(np.cross(first, second)))
