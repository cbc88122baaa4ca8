"""The search: hits in a column as bits of a word, and slots from bits. No scatter and no top-k: slow on CPUs."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, UInt

from ..system import System
from ._base import Grid, Neighbors
from ._blocks import in_blocks
from ._columns import WINDOW, Columns, images_passed, sort


class _Hits(eqx.Module):
    """What atoms see, column by column around them."""

    bits: UInt[Array, "columns atoms"]
    """Neighbours among the places of the window."""
    start: Int[Array, "columns atoms"]
    """First place of the window."""
    before: Int[Array, "columns atoms"]
    """Neighbours found in earlier columns."""
    total: Int[Array, " atoms"]

    def block(self, start, size: int) -> "_Hits":
        """Of some atoms."""
        return jax.tree.map(lambda leaf: _block(leaf, start, size), self)


@eqx.filter_jit
def fill(grid: Grid, system: System) -> Neighbors:
    """The table of these shapes; `overflow` tells when it does not fit."""
    columns, order, wraps, fits = sort(grid, system)
    atoms = len(order)
    everybody = in_blocks(partial(_look, grid, columns), atoms) if grid.reverse else None

    def rows(start, size):
        hits = _look(grid, columns, start, size) if everybody is None else everybody.block(start, size)
        return _compact(grid, columns, hits, start, everybody), hits.total

    (others, reverse, images), counts = in_blocks(rows, atoms)
    used = jnp.arange(grid.slots)[:, None] < counts
    if grid.explicit_images:
        # Found between wrapped atoms, used between unwrapped ones.
        shifts = jnp.where(used, images - wraps[:, others] + wraps[:, None, :], 0)
    return Neighbors(
        others=others,
        reverse=reverse,
        shifts=shifts if grid.explicit_images else None,
        counts=counts,
        order=order,
        reference=system.positions[order].T,
        cell=system.cell,
        overflow=~fits | (_widest(grid, columns) > WINDOW) | (counts.max() > grid.slots),
        grid=grid,
    )


def _widest(grid: Grid, columns: Columns) -> Int[Array, ""]:
    """Most atoms in any window."""
    along, span = grid.bins[0], grid.spans[0]
    ends = columns.starts[:-1].reshape(-1, along + 2 * span)
    ends = jnp.column_stack([ends, jnp.append(ends[1:, 0], columns.starts[-1])])
    return (ends[:, 2 * span + 1 :] - ends[:, :along]).max()


def _offsets(grid: Grid) -> np.ndarray:
    """Columns an atom looks at, (second, third direction); the last is the opposite of the first, and so on."""
    across = [np.arange(-span, span + 1) for span in grid.spans[1:]]
    return np.stack(np.meshgrid(*across, indexing="ij"), -1).reshape(-1, 2).astype(np.int32)


def _wrap(grid: Grid, axis: int, index):
    """A cell index brought inside, the images it passed, and whether there is such a cell."""
    bins = grid.bins[axis]
    if not grid.pbc[axis]:
        return jnp.clip(index, 0, bins - 1), jnp.zeros_like(index), (index >= 0) & (index < bins)
    # Comparisons: an integer division takes as long as everything else that is done for a column.
    passed = range(images_passed(grid, axis))
    image = sum((index >= (n + 1) * bins).astype(index.dtype) - (index < -n * bins) for n in passed)
    return index - image * bins, image, jnp.ones_like(index, bool)


def _look(grid: Grid, columns: Columns, start, size: int) -> _Hits:
    """Mark the hits of a block of atoms, one scan step a column."""
    wrapped, bins, home = (_block(values, start, size) for values in (columns.wrapped, columns.bins, columns.home))
    square = (grid.reach + columns.slack) ** 2
    images = columns.images.astype(wrapped.dtype)
    lines = [
        axis[columns.atoms] + length * images for axis, length in zip(columns.wrapped, columns.cell[0], strict=True)
    ]
    weights = jnp.asarray(1 << np.arange(WINDOW), jnp.uint32)

    def column(_, offset):
        second, image_b, inside_b = _wrap(grid, 1, bins[1] + offset[0])
        third, image_c, inside_c = _wrap(grid, 2, bins[2] + offset[1])
        first = (third * grid.bins[1] + second) * (grid.bins[0] + 2 * grid.spans[0]) + bins[0]
        begin = _at(columns.starts, first)
        count = jnp.where(inside_b & inside_c, _at(columns.starts, first + 2 * grid.spans[0] + 1) - begin, 0)
        image_b, image_c = image_b.astype(wrapped.dtype), image_c.astype(wrapped.dtype)
        seen_from = [own - image_b * b - image_c * c for own, b, c in zip(wrapped, *columns.cell[1:], strict=True)]
        away = [_windows(line, begin) - own[:, None] for line, own in zip(lines, seen_from, strict=True)]
        bits = jnp.sum(jnp.where(sum(d * d for d in away) < square, weights, 0), axis=1, dtype=jnp.uint32)
        itself = jnp.where((offset == 0).all(), _bit(home - begin), 0)
        return None, (bits & (_bit(count) - 1) & ~itself, begin)

    _, (bits, begin) = jax.lax.scan(column, None, jnp.asarray(_offsets(grid)))
    found = jax.lax.population_count(bits).astype(jnp.int32)
    ends = jnp.cumsum(found, axis=0, dtype=jnp.int32)
    return _Hits(bits, begin, ends - found, ends[-1])


def _block(values, start, size: int):
    return jax.lax.dynamic_slice_in_dim(values, start, size, axis=-1)


def _windows(line: Array, start: Int[Array, " atoms"]) -> Array:
    """Rows of places one after another: loads of whole vectors, where an index for each would be a gather."""
    numbers = jax.lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(), start_index_map=(0,))
    return jax.lax.gather(line, start[:, None], numbers, (WINDOW,), mode="promise_in_bounds")


def _bit(place: Int[Array, "..."]) -> UInt[Array, "..."]:
    """The word with one bit; none from 32 on, which makes it minus one a word of ones."""
    return jnp.uint32(1) << place.astype(jnp.uint32)


def _compact(grid: Grid, columns: Columns, hits: _Hits, start, everybody: _Hits | None):
    """Slots from bits: who, the opposite edge's slot, and the image, where they are asked for.

    Every atom takes its lowest bit, slot after slot, and goes to the next word when none is left.
    """
    atoms = hits.bits.shape[1]
    block = jnp.arange(atoms, dtype=jnp.int32)
    own, bins = start + block, _block(columns.bins, start, atoms)
    words, begin, following = hits.bits.ravel(), hits.start.ravel(), _following(hits.bits).ravel()

    def slot(index, carry):
        table, word, place, column = carry
        done = word == 0
        column = jnp.where(done, _at(following, (column + 1) * atoms + block), column)
        place = jnp.where(done, _at(begin, column * atoms + block), place)
        word = jnp.where(done, _at(words, column * atoms + block), word)
        used = index < hits.total
        here = jnp.where(used, place + jax.lax.population_count((word & -word) - 1).astype(jnp.int32), 0)
        other, image = jnp.where(used, _at(columns.atoms, here), own), _at(columns.images, here)
        back = None if everybody is None else _back(columns, everybody, own, other, image, column)
        row = (
            other,
            None if back is None else jnp.where(used, back, index),
            jnp.stack([image, *_across(grid, bins, column)]) if grid.explicit_images else None,
        )
        table = jax.tree.map(lambda values, new: values.at[..., index, :].set(new), table, row)
        return table, word & (word - 1), place, column

    nothing = (jnp.zeros(atoms, jnp.uint32), jnp.zeros_like(own), jnp.full_like(own, -1))
    carry = (_blank(grid, own, everybody is not None), *nothing)
    return jax.lax.fori_loop(0, jnp.minimum(hits.total.max(), grid.slots), slot, carry)[0]


def _blank(grid: Grid, own, reverse: bool):
    """What unused slots hold."""
    others = jnp.broadcast_to(own, (grid.slots, len(own)))
    slots = jnp.broadcast_to(jnp.arange(grid.slots, dtype=jnp.int32)[:, None], others.shape) if reverse else None
    return others, slots, jnp.zeros((3, *others.shape), jnp.int32) if grid.explicit_images else None


def _across(grid: Grid, bins, column):
    """Images along the second and the third direction of what is seen in a column."""
    offsets = jnp.asarray(_offsets(grid).T)
    return [_wrap(grid, a, bins[a] + offsets[a - 1][column])[1] for a in (1, 2)]


def _back(columns: Columns, everybody: _Hits, own, other, image, column):
    """Slot of the opposite edge: the hits of the other atom before the one that this atom is to it."""
    index = (len(everybody.bits) - 1 - column) * len(everybody.total) + other
    # Seen from the other atom, this one lies as many images the other way.
    place = _at(columns.home, own) - image * _at(columns.lengths, own) - _at(everybody.start.ravel(), index)
    below = _at(everybody.bits.ravel(), index) & (_bit(place) - 1)
    return _at(everybody.before.ravel(), index) + jax.lax.population_count(below).astype(jnp.int32)


def _following(bits: UInt[Array, "columns atoms"]) -> Int[Array, "after atoms"]:
    """The first column with a hit, counted from each one on; the last where there is none."""
    last = jnp.full(bits.shape[1], len(bits) - 1, jnp.int32)

    def back(after, column):
        after = jnp.where(bits[column] != 0, column, after)
        return after, after

    _, first = jax.lax.scan(back, last, jnp.arange(len(bits), dtype=jnp.int32), reverse=True)
    return jnp.concatenate([first, last[None]])


def _at(values: Array, index: Int[Array, "..."]) -> Array:
    return values.at[index].get(mode="promise_in_bounds")
