"""What there is to see of a run now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..system import System


@dataclass(frozen=True)
class Moment:
    """The newest frame of a run that goes on."""

    system: "System"
    frames: int = 1
    """How many there are, this one included."""
    time: float | None = None
    """Simulated time, fs."""
    of_atoms: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Numbers or vectors of the atoms, by the names they have in the Dataset: what they may be coloured by."""
    spread: np.ndarray | None = None
    """Where the beads of ring polymers are about their centroids, `[beads atoms 3]`, Å."""
    colouring: str = ""
    """What they are coloured by until somebody chooses; elements when empty."""
