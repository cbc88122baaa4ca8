"""A crystal in two halves that slide over each other along a plane."""

import dataclasses
from fractions import Fraction
from math import gcd, lcm

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from ..errors import InputError
from ..system import System, from_ase
from .symmetry import TOLERANCE

Whole = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Halves:
    """Layers of a crystal, periodic, with a cut halfway up; in the orientation of the crystal."""

    system: System
    """Lattice vectors: two in the plane, and one to the next image of the stack."""
    upper: Bool[np.ndarray, " atoms"]
    normal: Float[np.ndarray, "3"]
    """Of the plane, of length one."""

    @property
    def area(self) -> float:
        """Of the plane in a cell, Å²."""
        first, second, _ = np.asarray(self.system.cell, float)
        return float(np.linalg.norm(np.cross(first, second)))

    def slid(self, slide: Float[np.ndarray, "3"]) -> System:
        """With the upper half, and what follows above it, moved: one fault in a cell."""
        moves, cell = np.where(self.upper[:, None], slide, 0.0), np.asarray(self.system.cell, float).copy()
        # The cell leans no more than it must: lattice vectors of the plane make no difference.
        cell[2] += slide - np.rint((slide @ np.linalg.inv(cell))[:2]) @ cell[:2]
        return dataclasses.replace(
            self.system, positions=self.system.positions + jnp.asarray(moves), cell=jnp.asarray(cell)
        )

    def slope(
        self, slid: System, forces: Float[np.ndarray, "atoms 3"], strain: Float[np.ndarray, "3 3"]
    ) -> Float[np.ndarray, "3"]:
        r"""How the energy changes with the slide, eV/Å: $\sum_{i\ \text{above}} \partial_{r_i}E + \partial_{h_3}E$.

        By `forces` and the strain derivative of the energy (eV) there, for
        $dE/d\epsilon = \sum_i \partial_{r_i}E \otimes r_i + \sum_k \partial_{h_k}E \otimes h_k$.
        """
        positions, cell = np.asarray(slid.positions, float), np.asarray(slid.cell, float)
        by_cell = ((strain + forces.T @ positions) @ np.linalg.inv(cell)).T
        return by_cell[2] - forces[self.upper].sum(axis=0)


def halves(crystal: System, miller: Whole, layers: int, *, widest: bool = True) -> Halves:
    """So many layers (repeats of the smallest cell along the plane), cut in the widest gap between planes or the
    narrowest: of diamond along 1,1,1 shuffle and glide.

    **Raises:** `InputError` for indices that are all zero, and a single layer.
    """
    if layers < 2:
        raise InputError(f"layers: {layers} is too few; two halves need two layers at least, and more to be crystals")
    smallest = primitive(crystal)
    basis, normal = along_plane(smallest, miller, crystal)
    rise = float(basis[2] @ normal)
    positions = np.asarray(smallest.positions, float)
    positions = positions - _gap(positions @ normal, rise, widest) * normal
    positions = positions - np.floor(positions @ normal / rise)[:, None] * basis[2]
    level = np.repeat(np.arange(layers), len(positions))
    stack = dataclasses.replace(
        smallest,
        positions=jnp.asarray(np.tile(positions, (layers, 1)) + level[:, None] * basis[2]),
        numbers=jnp.tile(smallest.numbers, layers),
        masses=jnp.tile(smallest.masses, layers),
        cell=jnp.asarray(basis * np.array([1, 1, layers])[:, None]),
    )
    return Halves(stack, level >= layers // 2, normal)


def translation(crystal: System, direction: Whole, normal: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """The shortest of the crystal along a direction of its cell as it is given, Å.

    **Raises:** `InputError` for a direction that does not lie in the plane.
    """
    vector = np.array(direction) @ np.asarray(crystal.cell, float)
    told = ",".join(map(str, direction))
    if not any(direction):
        raise InputError("direction: 0,0,0 is none; give whole numbers such as 1,1,-2")
    if abs(vector @ normal) > 1e-6 * np.linalg.norm(vector):
        raise InputError(f"direction: {told} does not lie in the plane; halves slide along it only")
    steps = np.rint(vector @ np.linalg.inv(np.asarray(primitive(crystal).cell, float))).astype(int)
    return vector / gcd(*steps.tolist())


def primitive(crystal: System) -> System:
    """Its smallest cell, by spglib; not turned."""
    import ase
    import spglib

    spglib.error.OLD_ERROR_HANDLING = False
    cell = np.asarray(crystal.cell, float)
    fractions = np.asarray(crystal.positions, float) @ np.linalg.inv(cell)
    given = (cell, fractions, np.asarray(crystal.numbers))
    try:
        found = spglib.standardize_cell(given, to_primitive=True, no_idealize=True, symprec=TOLERANCE)
    except spglib.SpglibError as error:
        raise InputError(f"spglib finds no smallest cell ({error}); check the structure") from error
    assert found is not None, "what spglib does not find it raises"
    lattice, places, numbers = found
    return from_ase(ase.Atoms(numbers, cell=lattice, scaled_positions=places, pbc=True))


def along_plane(
    smallest: System, miller: Whole, crystal: System
) -> tuple[Float[np.ndarray, "3 3"], Float[np.ndarray, "3"]]:
    """Lattice vectors of the smallest cell, Å: two short ones in a plane of the crystal, and one to the next plane;
    and the normal of the plane, of length one.

    **Raises:** `InputError` for indices that are all zero.
    """
    if not any(miller):
        raise InputError("miller: 0,0,0 is no plane; give indices such as 1,1,1")
    cell = np.asarray(smallest.cell, float)
    indices = _coprime(cell @ np.linalg.inv(np.asarray(crystal.cell, float)) @ np.array(miller))
    whole = _by_length(cell, int(abs(indices).max()) + 1)
    inside = whole[whole @ indices == 0]
    first = inside[0]
    second = next(one for one in inside if np.array_equal(np.cross(first, one), indices))
    third = whole[whole @ indices == 1][0]
    normal = np.linalg.inv(cell) @ indices
    return np.array([first, second, third]) @ cell, normal / np.linalg.norm(normal)


def _by_length(cell: Float[np.ndarray, "3 3"], most: int) -> Int[np.ndarray, "vectors 3"]:
    """Whole multiples of lattice vectors but none of them, short ones first."""
    ticks = np.arange(-most, most + 1)
    whole = np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    whole = whole[np.any(whole, axis=1)]
    # Rounded, so that of vectors of one length it is always the same that comes first.
    return whole[np.argsort(np.round(np.linalg.norm(whole @ cell, axis=1), 6), kind="stable")]


def _coprime(indices: Float[np.ndarray, "3"]) -> Int[np.ndarray, "3"]:
    """The smallest whole numbers in these proportions."""
    parts = [Fraction(float(one)).limit_denominator(1000) for one in indices]
    whole = [int(part * lcm(*(one.denominator for one in parts))) for part in parts]
    return np.array(whole) // gcd(*whole)


def _gap(heights: Float[np.ndarray, " atoms"], rise: float, widest: bool) -> float:
    """Height of the middle of a gap between planes of atoms, Å."""
    levels = np.sort(heights % rise)
    gaps = np.diff(levels, append=levels[0] + rise)
    # Atoms of one plane are no gap.
    gaps = np.where(gaps > _PLANE, gaps, -np.inf if widest else np.inf)
    chosen = int(np.argmax(gaps) if widest else np.argmin(gaps))
    return levels[chosen] + gaps[chosen] / 2


_PLANE = 0.05
"""Å."""
