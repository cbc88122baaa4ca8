"""Columns of cells with their periodic images lined up: what the search for neighbours reads, contiguous in memory."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from ..system import System
from ._base import Grid, complete_cell

MARGIN = 1e-4
"""Cells are wider than they must be by this part, so that rounding in float32 never puts one of two neighbours out of
the other's sight: each edge needs its opposite."""


WALLS = 0.381966
"""Where the walls of periodic cells stand, in their widths. Atoms of a crystal stand at simple fractions, and on whose
side of a wall they are would be told by rounding: on the host otherwise than on the device."""


class Columns(eqx.Module):
    """Atoms sorted by cell, and a line of places in which every column stands with the images it needs on either end.

    So the atoms within reach along the first direction are places one after another, whatever the boundary is.
    """

    wrapped: Float[Array, "3 atoms"]
    """Positions inside the cell, in sorted order, whole multiples of a power of two: see `_exact`."""
    cell: Float[Array, "3 3"]
    """The lattice, in the same multiples."""
    slack: Float[Array, ""]
    """What the rounding may change about a distance, Å."""
    bins: Int[Array, "3 atoms"]
    starts: Int[Array, " cells"]
    """First place of each cell of the lines, images included."""
    home: Int[Array, " atoms"]
    """Place of each atom itself."""
    atoms: Int[Array, " places"]
    """Who stands there."""
    images: Int[Array, " places"]
    """Lattice vectors along the first direction from the atom to the place."""
    lengths: Int[Array, " atoms"]
    """Atoms in the column of each atom."""


def sort(grid: Grid, system: System) -> tuple[Columns, Int[Array, " atoms"], Int[Array, "3 atoms"], Bool[Array, ""]]:
    """Columns; the order of atoms in them; the lattice vectors taken off; and whether the cells suit the reach."""
    basis = complete_cell(system.cell, grid.pbc)
    inverse = jnp.linalg.inv(basis)
    fractional = system.positions @ inverse + np.where(grid.pbc, WALLS / np.array(grid.bins), 0)
    wraps = jnp.where(jnp.array(grid.pbc), jnp.floor(fractional), 0)
    bins, fits = _bin(grid, fractional - wraps, inverse, system.cell)
    cells = (bins[:, 2] * grid.bins[1] + bins[:, 1]) * grid.bins[0] + bins[:, 0]
    # One number to sort by is several times faster than a pair.
    keys = jax.lax.sort(cells.astype(jnp.uint64) << 32 | jnp.arange(len(cells), dtype=jnp.uint64), is_stable=False)
    order = (keys & 0xFFFFFFFF).astype(jnp.int32)
    wraps = wraps[order].T
    exact = _exact(grid, system.positions[order].T - basis.T @ wraps, system.cell)
    columns = _line_up(grid, exact, bins[order].T, (keys >> 32).astype(jnp.int32))
    return columns, order, wraps.astype(jnp.int32), fits & jnp.isfinite(system.positions).all()


def _exact(grid: Grid, wrapped, cell):
    """Positions and lattice as whole multiples of a power of two, and what that may change about a distance.

    Sums and differences of them are exact. So a pair looks the same from both ends, whatever the order of operations.
    """
    most = sum(images_passed(grid, axis) for axis in range(3))
    extent = jnp.maximum(jnp.abs(wrapped).max(), jnp.abs(cell).max()) * (2 + most)
    # By its bits: XLA's powers of two are off by some rounding on a CPU.
    _, exponent = jnp.frexp(jnp.maximum(extent, 1))
    unit = jnp.ldexp(jnp.ones_like(extent), exponent - jnp.finfo(wrapped.dtype).nmant)

    def rounded(values):
        return jnp.round(values / unit) * unit

    return rounded(wrapped), rounded(cell), (2 + most) * unit


def images_passed(grid: Grid, axis: int) -> int:
    """Images of the cell that the reach extends over in one direction."""
    return -(-grid.spans[axis] // grid.bins[axis]) if grid.pbc[axis] else 0


def _line_up(grid: Grid, exact, bins, cells) -> Columns:
    along, span = grid.bins[0], grid.spans[0]
    own = jnp.arange(len(cells), dtype=jnp.int32)
    occupancy = jnp.zeros(math.prod(grid.bins), jnp.int32).at[cells].add(1, mode="promise_in_bounds")
    sorted_starts = _before(occupancy)
    mode = {"mode": "wrap"} if grid.pbc[0] else {}
    starts = _before(jnp.pad(occupancy.reshape(-1, along), ((0, 0), (span, span)), **mode).ravel())
    row = cells // along
    line = row * (along + 2 * span) + span
    home = starts[line + bins[0]] + own - sorted_starts[cells]
    lengths = sorted_starts[(row + 1) * along] - sorted_starts[row * along]
    most = images_passed(grid, 0)
    places = len(cells) * (1 + math.ceil(2 * span / along if grid.pbc[0] else 0)) + WINDOW
    atoms, images = jnp.zeros(places, jnp.int32), jnp.zeros(places, jnp.int32)
    for image in range(-most, most + 1):
        seen = (bins[0] + image * along >= -span) & (bins[0] + image * along < along + span)
        place = jnp.where(seen, home + image * lengths, places)
        atoms, images = atoms.at[place].set(own, mode="drop"), images.at[place].set(image, mode="drop")
    return Columns(*exact, bins, starts, home, atoms, images, lengths)


WINDOW = 32
"""Places an atom looks at in one column: bits of a word."""


def _before(counts: Int[Array, " cells"]) -> Int[Array, " ends"]:
    """Sums of all that come before, and of all."""
    return jnp.concatenate([jnp.zeros(1, jnp.int32), jnp.cumsum(counts, dtype=jnp.int32)])


def _bin(grid: Grid, fractional, inverse, cell) -> tuple[Int[Array, "atoms 3"], Bool[Array, ""]]:
    """Cell of each atom, and whether cells are still wide enough for the spans.

    Along a direction that is not periodic cells spread from the first atom to the last, but never get narrower than
    the spans allow; where the spans reach everywhere, they may.
    """
    pbc, bins = np.array(grid.pbc), np.array(grid.bins)
    heights = 1 / jnp.linalg.norm(inverse, axis=0)
    narrowest = grid.reach / np.maximum(grid.spans, 1)
    fits = jnp.all(~pbc | (heights >= bins * narrowest * (1 + MARGIN / 2))) & grid.suits(cell)
    if not grid.explicit_images:
        fits &= jnp.all(~pbc | (heights >= 2 * grid.reach * (1 + MARGIN / 2)))
    origin = jnp.where(pbc, 0, fractional.min(axis=0))
    spread = (fractional.max(axis=0) - origin) * (1 + 1e-9) / bins
    width = jnp.maximum(spread, np.where(np.array(grid.spans) < bins - 1, narrowest * (1 + MARGIN / 2), 1e-9))
    index = jnp.floor((fractional - origin) * jnp.where(pbc, bins, 1 / width))
    return jnp.clip(index, 0, bins - 1).astype(jnp.int32), fits
