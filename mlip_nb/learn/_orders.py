"""The ways in which files mix up the components of a stress."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

_SHEARS = ("yz", "xz", "xy")
_PLACES = {"yz": (1, 2), "xz": (0, 2), "xy": (0, 1)}


@dataclass(frozen=True)
class Order:
    """What stands where yz, xz and xy are expected, and the sign that makes tension positive."""

    shears: tuple[str, str, str] = _SHEARS
    sign: int = 1

    def __str__(self) -> str:
        return f"xx,yy,zz,{','.join(self.shears)}" + ("" if self.sign > 0 else " with the other sign")

    def restored(self, stress: np.ndarray) -> np.ndarray:
        """`[..., 3, 3]` with each component where it belongs, tension positive."""
        right = stress.copy()
        for place, name in zip(_SHEARS, self.shears, strict=True):
            (a, b), (c, d) = _PLACES[place], _PLACES[name]
            right[..., c, d], right[..., d, c] = stress[..., a, b], stress[..., b, a]
        return self.sign * right

    @property
    def is_ours(self) -> bool:
        """Whether nothing is mixed up."""
        return self == Order()


ORDERS = tuple(Order(shears, sign) for sign in (1, -1) for shears in permutations(_SHEARS))
"""All there are."""


def shears_of(stress: np.ndarray) -> np.ndarray:
    """yz, xz, xy of `[..., 3, 3]`."""
    return np.stack([stress[..., a, b] for a, b in _PLACES.values()], axis=-1)
