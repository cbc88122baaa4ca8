"""The linear-cost finder: sort by cell, mark hits in bit masks, compact by counting bits.

No scatter and no top-k, which are slow on CPUs. An atom looks at columns: runs of cells along the first
lattice direction, contiguous in the sorted order. A column's hits are the bits of one uint32; the k-th
neighbour is found by selecting the k-th bit. Columns wrap around the cell as often as the cutoff demands,
so that a cell smaller than the cutoff, several images of one neighbour included, takes the same path.
"""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, UInt

from ..errors import InputError
from ..system import System
from ._base import AbstractNeighborFinder, Grid, Neighbors, add_images, complete_cell

_BITS = 32
_ROOM = 28
"""Fullest column accepted at allocation; the rest of the 32 bits is for fluctuations."""
_THERMAL = 0.3
"""Å; a shell of a cold crystal that lies no further beyond the reach will have atoms within it once it is warm."""
_ALONG = 4
"""Cells per reach along a column."""
_ACROSS = (2, 3, 4, 6, 8)
"""Cells per reach across columns: the first that keeps columns short enough."""
_MOST_CELLS = 2**23
"""Memory and time for the cells themselves: beyond that a box is too empty for what is in it."""
_MARGIN = 1e-4
"""Cells are wider than they must be by this part, so that rounding in float32 never puts one of two neighbours out of
the other's sight: each edge needs its opposite."""


class CellList(AbstractNeighborFinder):
    """All pairs within cutoff + skin, any cell, any periodicity, at a cost linear in the atoms."""

    cutoff: float = eqx.field(static=True)
    skin: float = eqx.field(static=True)

    def allocate(self, system: System, *, spare: float = 1.25) -> Neighbors:
        """A table whose shapes fit the system, filled.

        **Raises:** `InputError` for positions that are not finite, and for too many atoms within the cutoff.
        """
        neighbors = self.update(self.blank(system, spare=spare), system)
        while (fullest := int(neighbors.counts.max())) > neighbors.grid.slots:
            neighbors = self.update(Neighbors.blank(_with_slots(neighbors.grid, fullest, spare), system), system)
        assert not neighbors.overflow, "a table just allocated fits"
        return neighbors

    def blank(self, system: System, *, spare: float = 1.25) -> Neighbors:
        """A table of fitting shapes, not yet filled: for a loop whose first act is an update."""
        return Neighbors.blank(self._grid(system, spare), system)

    def update(self, neighbors: Neighbors, system: System) -> Neighbors:
        """The same shapes, filled for the system as it is now; `overflow` tells when they do not fit."""
        return _fill(neighbors.grid, system)

    def _grid(self, system: System, spare: float) -> Grid:
        cell, pbc = np.asarray(system.cell, float), system.pbc
        lost = ~np.isfinite(np.asarray(system.positions)).all(axis=1)
        if lost.any():
            raise InputError(f"positions of atom {lost.argmax()} are not finite; mend the structure")
        reach = self.cutoff + self.skin
        basis = np.asarray(complete_cell(jnp.asarray(cell), pbc))
        fractional = np.asarray(system.positions, float) @ np.linalg.inv(basis)
        fractional -= np.where(pbc, np.floor(fractional), fractional.min(axis=0))
        heights = 1 / np.linalg.norm(np.linalg.inv(basis), axis=0)
        extents = np.where(pbc, heights, np.maximum(fractional.max(axis=0) * (1 + 1e-9), reach / _ALONG))
        bins, spans = self._layout(fractional * heights / extents, extents, pbc)
        crowded = any(p and n < 2 * span + 1 for p, n, span in zip(pbc, bins, spans, strict=True))
        too_small = any(p and height < 2 * reach * (1 + _MARGIN) for p, height in zip(pbc, heights, strict=True))
        grid = Grid(
            cutoff=self.cutoff,
            skin=self.skin,
            slots=0,
            bins=bins,
            spans=spans,
            explicit_images=crowded or too_small,
            orthorhombic=not np.any(cell - np.diag(np.diag(cell))),
            pbc=pbc,
        )
        positions = np.asarray(system.positions, float)
        now, soon = (_most_neighbors(positions, cell, pbc, distance) for distance in (reach, reach + _THERMAL))
        return _with_slots(grid, max(now, math.ceil(soon / spare)), spare)

    def _layout(self, scaled, extents, pbc) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Cells and spans with columns short enough, the cheapest first; `scaled` positions are between 0 and 1."""
        reach, budget = self.cutoff + self.skin, 8 * len(scaled) + 512
        while True:
            for across in _ACROSS:
                bins, spans = _cells(extents, reach, across, budget, pbc)
                fullest = _fullest_column(scaled, bins, spans, pbc)
                if fullest <= _ROOM:
                    return bins, spans
            if (budget := 8 * budget) > _MOST_CELLS:
                raise InputError(
                    f"{fullest} atoms in a column of the cell list, where {_ROOM} fit: the cutoff ({self.cutoff:g} Å) "
                    "is too long for this density, or dense matter is lost in a large box; check the cell, or shrink it"
                )


def _with_slots(grid: Grid, needed: int, spare: float) -> Grid:
    return Grid(**{**vars(grid), "slots": max(1, math.ceil(spare * needed))})


def _cells(extents, reach: float, across: int, budget: int, pbc) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Cells along each direction, at most `budget` of them, and how many to either side cover the reach."""
    reach = reach * (1 + _MARGIN)
    wanted = np.maximum(1, np.floor(extents / reach * (_ALONG, across, across)))
    # A gas in a large box needs no more cells than a few per atom.
    bins = np.maximum(1, np.floor(wanted * min(1.0, (budget / wanted.prod()) ** (1 / 3))))
    spans = np.ceil(reach * bins / extents - 1e-9)
    spans = np.where(pbc, spans, np.minimum(spans, bins - 1))
    return tuple(int(n) for n in bins), tuple(int(span) for span in spans)


def _fullest_column(scaled, bins, spans, pbc) -> int:
    """Most atoms within one window along the first direction."""
    index = np.clip((scaled * bins).astype(int), 0, np.array(bins) - 1)
    occupancy = np.zeros(bins, int)
    np.add.at(occupancy, tuple(index.T), 1)
    padded = np.pad(occupancy, ((spans[0] + 1, spans[0]), (0, 0), (0, 0)), mode="wrap" if pbc[0] else "constant")
    total = np.cumsum(padded, axis=0)
    return int((total[2 * spans[0] + 1 :] - total[: -2 * spans[0] - 1]).max())


def _most_neighbors(positions, cell, pbc, reach: float, work: float = 3e7) -> int:
    """Largest neighbour count among a sample of atoms, by brute force on the host."""
    basis = np.asarray(complete_cell(jnp.asarray(cell), pbc))
    inverse = np.linalg.inv(basis)
    wraps = [math.ceil(reach * np.linalg.norm(inverse[:, axis])) if pbc[axis] else 0 for axis in range(3)]
    images = np.stack(np.meshgrid(*[np.arange(-w, w + 1) for w in wraps], indexing="ij"), -1).reshape(-1, 3)
    wrapped = positions - np.where(pbc, np.floor(positions @ inverse), 0) @ basis
    size = min(len(positions), max(1, int(work / len(positions) / len(images))))
    sample = np.linspace(0, len(positions) - 1, size).astype(int)
    counts = np.zeros(len(sample), int)
    for shift in images @ basis:
        along = [wrapped[sample, axis, None] - wrapped[:, axis] - shift[axis] for axis in range(3)]
        counts += (sum(d**2 for d in along) < reach**2).sum(axis=1)
    return max(1, int(counts.max()) - 1)


class _Columns(eqx.Module):
    """What every atom sees in each column: hits as bits, and where the run of candidates lies."""

    hits: UInt[Array, "columns atoms"]
    start: Int[Array, "columns atoms"]
    """First candidate, counted from the beginning of the column and on through its images."""
    first: Int[Array, "columns atoms"]
    """Sorted index of the column's first atom."""
    length: Int[Array, "columns atoms"]
    before: Int[Array, "columns atoms"]
    """Neighbours found in earlier columns."""
    total: Int[Array, " atoms"]


@eqx.filter_jit
def _fill(grid: Grid, system: System) -> Neighbors:
    basis = complete_cell(system.cell, grid.pbc)
    inverse = jnp.linalg.inv(basis)
    fractional = system.positions @ inverse
    wraps = jnp.where(jnp.array(grid.pbc), jnp.floor(fractional), 0)
    bins, fits = _bin(grid, fractional - wraps, inverse)
    cells = (bins[:, 2] * grid.bins[1] + bins[:, 1]) * grid.bins[0] + bins[:, 0]
    atoms = jnp.arange(len(cells), dtype=jnp.int32)
    cells, order = jax.lax.sort((cells, atoms), num_keys=1, is_stable=True)
    wraps = wraps[order].T.astype(jnp.int32)
    positions = system.positions[order].T
    wrapped = positions - (basis.T @ wraps.astype(basis.dtype))
    starts = jnp.searchsorted(cells, jnp.arange(math.prod(grid.bins) + 1, dtype=jnp.int32), method="scan_unrolled")
    columns, longest = _look(grid, wrapped, bins[order].T, starts.astype(jnp.int32), system.cell)
    others, reverse, images = _compact(grid, columns, bins[order].T)
    if grid.explicit_images:
        # Found between wrapped atoms, used between unwrapped ones.
        shifts = images - wraps[:, others] + wraps[:, None, :]
        shifts = jnp.where(jnp.arange(grid.slots)[:, None] < columns.total, shifts, 0)
    overflow = ~fits | (longest > _BITS) | (columns.total.max() > grid.slots) | ~jnp.isfinite(positions).all()
    return Neighbors(
        others=others,
        reverse=reverse,
        shifts=shifts.astype(jnp.int32) if grid.explicit_images else None,
        counts=columns.total,
        order=order,
        reference=positions,
        cell=system.cell,
        overflow=overflow,
        grid=grid,
    )


def _bin(grid: Grid, fractional, inverse) -> tuple[Int[Array, "atoms 3"], Bool[Array, ""]]:
    """Cell of each atom, and whether cells are still wide enough for the spans.

    Along a direction that is not periodic cells spread from the first atom to the last, but never get narrower than
    the spans allow; where the spans reach everywhere, they may.
    """
    pbc, bins = np.array(grid.pbc), np.array(grid.bins)
    heights = 1 / jnp.linalg.norm(inverse, axis=0)
    narrowest = grid.reach / np.maximum(grid.spans, 1)
    fits = jnp.all(~pbc | (heights >= bins * narrowest * (1 + _MARGIN / 2)))
    if not grid.explicit_images:
        fits &= jnp.all(~pbc | (heights >= 2 * grid.reach * (1 + _MARGIN / 2)))
    origin = jnp.where(pbc, 0, fractional.min(axis=0))
    spread = (fractional.max(axis=0) - origin) * (1 + 1e-9) / bins
    width = jnp.maximum(spread, np.where(np.array(grid.spans) < bins - 1, narrowest * (1 + _MARGIN / 2), 1e-9))
    index = jnp.floor((fractional - origin) * jnp.where(pbc, bins, 1 / width))
    return jnp.clip(index, 0, bins - 1).astype(jnp.int32), fits


def _offsets(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Columns (second, third direction) an atom looks at, and the index of each one's opposite."""
    across = [np.arange(-span, span + 1) for span in grid.spans[1:]]
    offsets = np.stack(np.meshgrid(*across, indexing="ij"), -1).reshape(-1, 2).astype(np.int32)
    return offsets, np.arange(len(offsets), dtype=np.int32)[::-1].copy()


def _wrap(index, bins: int, periodic: bool):
    """A cell index brought inside, the images it passed, and whether there is such a cell."""
    if not periodic:
        return jnp.clip(index, 0, bins - 1), jnp.zeros_like(index), (index >= 0) & (index < bins)
    image = index // bins
    return index - image * bins, image, jnp.ones_like(index, bool)


def _look(grid: Grid, wrapped, bins, starts, cell) -> tuple[_Columns, Int[Array, ""]]:
    """Mark the hits in every column, one scan step a column."""
    along, own = grid.bins[0], jnp.arange(wrapped.shape[1], dtype=jnp.int32)
    offsets, _ = _offsets(grid)
    square = jnp.asarray(grid.reach**2, wrapped.dtype)

    def column(_, offset):
        second, image_b, inside_b = _wrap(bins[1] + offset[0], grid.bins[1], grid.pbc[1])
        third, image_c, inside_c = _wrap(bins[2] + offset[1], grid.bins[2], grid.pbc[2])
        base = (third * grid.bins[1] + second) * along
        first, length = starts[base], starts[base + along] - starts[base]
        low, high = bins[0] - grid.spans[0], bins[0] + grid.spans[0] + 1
        start = _unrolled(low, base, first, length, starts, grid)
        count = jnp.where(inside_b & inside_c, _unrolled(high, base, first, length, starts, grid) - start, 0)

        def candidate(q, hits):
            other, image_a = _candidate(start + q, first, length, grid)
            away = add_images(
                [axis.at[other].get(mode="promise_in_bounds") - axis for axis in wrapped],
                [image.astype(wrapped.dtype) for image in (image_a, image_b, image_c)],
                cell,
                orthorhombic=grid.orthorhombic,
            )
            itself = (other == own) & (image_a == 0) & (image_b == 0) & (image_c == 0)
            hit = (sum(d * d for d in away) < square) & (q < count) & ~itself
            return hits | (hit.astype(jnp.uint32) << q.astype(jnp.uint32))

        longest = count.max()
        hits = jax.lax.fori_loop(0, jnp.minimum(longest, _BITS), candidate, jnp.zeros(own.shape, jnp.uint32))
        return None, (hits, start, first, length, longest)

    _, (hits, start, first, length, longest) = jax.lax.scan(column, None, jnp.asarray(offsets))
    found = jax.lax.population_count(hits).astype(jnp.int32)
    cumulative = jnp.cumsum(found, axis=0)
    return _Columns(hits, start, first, length, cumulative - found, cumulative[-1]), longest.max()


def _unrolled(index, base, first, length, starts, grid: Grid):
    """Where a cell's atoms begin in its column, images before and after counted on."""
    if not grid.pbc[0]:
        return starts[base + jnp.clip(index, 0, grid.bins[0])] - first
    image = index // grid.bins[0]
    return starts[base + index - image * grid.bins[0]] - first + image * length


def _candidate(unrolled, first, length, grid: Grid):
    """Sorted index of a candidate and the image of the column it lies in."""
    image = jnp.zeros_like(unrolled)
    for wrap in range(math.ceil(grid.spans[0] / grid.bins[0]) if grid.pbc[0] else 0):
        image = image + (unrolled >= (wrap + 1) * length) - (unrolled < -wrap * length)
    return jnp.clip(first + unrolled - image * length, 0, len(first) - 1), image


def _compact(grid: Grid, columns: _Columns, bins):
    """Slots from bits: the k-th neighbour, its opposite edge's slot, and its image."""
    offsets, opposite = _offsets(grid)
    own = jnp.arange(len(columns.total), dtype=jnp.int32)
    atoms = len(own)
    flat = jax.tree.map(lambda leaf: leaf.reshape(-1), columns)
    ends = columns.before + jax.lax.population_count(columns.hits).astype(jnp.int32)

    def slot(_, k):
        column = jnp.sum(ends <= k, axis=0, dtype=jnp.int32)
        used = column < len(offsets)
        column = jnp.minimum(column, len(offsets) - 1)
        here = _at(flat, column * atoms + own)
        unrolled = here.start + _select_bit(here.hits, (k - here.before).astype(jnp.uint32))
        other, image = _candidate(unrolled, here.first, here.length, grid)
        other = jnp.where(used, other, own)
        there = _at(flat, jnp.asarray(opposite)[column] * atoms + other)
        # Seen from the other atom, this one lies as many images the other way.
        bit = (own - there.first - image * there.length - there.start).astype(jnp.uint32)
        below = there.hits & ((jnp.uint32(1) << bit) - jnp.uint32(1))
        back = there.before + jax.lax.population_count(below).astype(jnp.int32)
        images = None
        if grid.explicit_images:
            across = jnp.asarray(offsets)[column].T
            others = [_wrap(bins[axis] + across[axis - 1], grid.bins[axis], grid.pbc[axis])[1] for axis in (1, 2)]
            images = jnp.stack([image, *others])
        return None, (other, jnp.where(used, back, k), images)

    _, (others, reverse, images) = jax.lax.scan(slot, None, jnp.arange(grid.slots, dtype=jnp.int32))
    return others, reverse, None if images is None else images.transpose(1, 0, 2)


def _at(columns: _Columns, index) -> _Columns:
    return jax.tree.map(lambda leaf: leaf.at[index].get(mode="promise_in_bounds"), columns)


def _select_bit(bits, rank):
    """Position of the set bit with `rank` set bits below it, by halving."""
    position = jnp.zeros(bits.shape, jnp.int32)
    for width in (16, 8, 4, 2, 1):
        low = bits & jnp.uint32((1 << width) - 1)
        count = jax.lax.population_count(low)
        upper = rank >= count
        rank = jnp.where(upper, rank - count, rank)
        bits = jnp.where(upper, bits >> width, low)
        position = position + jnp.where(upper, width, 0)
    return position
