"""Which structures are worth a label: one file per rule."""

from ._base import Pool, Selector, selectors
from ._novelty import farthest_first, novel

__all__ = ["Pool", "Selector", "farthest_first", "novel", "selectors"]
