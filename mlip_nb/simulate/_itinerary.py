"""How the steps of a rollout are nested in loops, so that its derivative needs little memory.

A *march* is a loop of steps; a *leg* begins with a new neighbour table and keeps it; a *block* of legs is computed once
more in the backward pass, which so remembers the state at the beginning of each block, and positions and tables of one
block alone. With blocks of √T steps both grow as √T.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Itinerary:
    """Lengths of the loops; all static."""

    rows: int
    """Rows to be seen, the start not counted."""
    every: int
    """Steps from one row to the next."""
    march: int
    """Steps in a march."""
    leg: int
    """Rows in a leg; 0 when a row takes several legs: then a leg is one march."""
    legs: int
    """Legs in a block; in a row when blocks are made of rows."""
    blocks: int
    """Blocks in all when a leg has rows, to a row otherwise."""
    bundle: int = 0
    """Rows in a block; 0 when a block is made of legs."""

    @property
    def rests(self) -> bool:
        """True when the loops have more steps than a row: the last ones must not move anything."""
        return self.leg == 0 and self.march * self.legs * self.blocks > self.every


def itinerary(rows: int, every: int, interval: int) -> Itinerary:
    """The nest for `rows` rows `every` steps apart, with a table that serves `interval` steps.

    Loops of equal length may do more than is needed; as little as possible is chosen.
    """
    block = math.sqrt(max(1, rows * every))
    if every <= interval:
        leg, legs, blocks = _split(rows, interval // every, block / every)
        return Itinerary(rows, every, every, leg, legs, blocks)
    if every < block:
        march, _, _ = _split(every, interval, interval)
        _, bundle, _ = _split(rows, 1, block / every)
        return Itinerary(rows, every, march, 0, math.ceil(every / march), 1, bundle)
    march, legs, blocks = _split(every, interval, block)
    return Itinerary(rows, every, march, 0, legs, blocks)


def _split(total: int, longest: int, block: float) -> tuple[int, int, int]:
    """Leg, legs in a block, blocks: their product is `total` or little more."""
    longest, block = min(longest, total), min(block, total)

    def ways():
        for leg in range(math.ceil(longest / 2), longest + 1):
            ideal = max(1.0, block / leg)
            for legs in range(max(1, math.floor(0.6 * ideal)), math.ceil(1.6 * ideal) + 1):
                yield leg, legs, math.ceil(total / (leg * legs))

    def price(way):
        leg, legs, _ = way
        # A table costs a few steps; a block that is twice too long or too short costs memory, not time.
        return math.prod(way) / total + 3 / leg - 3 / longest + 0.05 * abs(math.log(leg * legs / block))

    return min(ways(), key=price)
