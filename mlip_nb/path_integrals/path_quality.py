"""Whether a path of least energy is one: no ripples, and no slope across it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from .elastic_band import Path

_NOISE = 1e-3
"""Of the barrier: bends below this have no sign."""
_IN_A_ROW = 3
"""Changes of the sign of the bend from image to image that no smooth line has which these images can show."""
_SLOPE = 1e-2
"""Of the largest component of a slope: what may be left across the path."""

_DEEPER = 1e-3
"""eV: an image that much below both ends is in another valley."""


@dataclass(frozen=True)
class Quality:
    """What speaks for and against a path."""

    roughness: float
    """Largest second difference of energies over the barrier."""
    sign_changes: int
    """How often second differences change their sign; a single smooth barrier does it twice."""
    alternations: int
    """The same from image to image, in a row."""
    across: float
    """Largest component of a slope across the path, over the largest slope."""

    below: float
    """How far an image is below the lower end, eV."""
    lowest: int
    """Which one."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """What is wrong, in words; nothing for a path that behaves."""
        told = []
        if self.alternations >= _IN_A_ROW:
            told.append(f"energies ripple from image to image, {self.alternations} times in a row; take more images")
        if self.across > _SLOPE:
            told.append(f"the slope across the path is {self.across:.1%} of the largest one; ask for a smaller force")
        if self.below > _DEEPER:
            told.append(f"image {self.lowest} is {self.below:.3g} eV below both ends; relax it and begin or end there")
        return tuple(told)


def quality(path: Path) -> Quality:
    """Of a path with a barrier."""
    barrier = max(float(path.energies.max() - min(path.energies[0], path.energies[-1])), 1e-300)
    bends = np.diff(path.energies, 2)
    signs = np.sign(np.where(np.abs(bends) > _NOISE * barrier, bends, 0))
    largest = max(float(np.abs(path.slopes).max()), 1e-300)
    return Quality(
        roughness=float(np.abs(bends).max() / barrier),
        sign_changes=int(np.sum(np.diff(signs[signs != 0]) != 0)),
        alternations=_longest_run(signs[1:] * signs[:-1] < 0),
        across=float(path.across.max() / largest),
        below=float(min(path.energies[0], path.energies[-1]) - path.energies.min()),
        lowest=int(np.argmin(path.energies)),
    )


def _longest_run(true: Bool[np.ndarray, " claims"]) -> int:
    """How many are true in a row, at most."""
    return max(map(len, "".join("x" if one else " " for one in true).split()), default=0)
