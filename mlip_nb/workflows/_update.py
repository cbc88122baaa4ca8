"""What a workflow tells whoever drives it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..system import System
from ._plots import Cloud
from ._verdict import Verdict


@dataclass(frozen=True)
class Alarm:
    """What a monitor has seen, and what is to be done about it."""

    verdict: Verdict
    action: str | Callable[[Any, Verdict], object]
    """pause, mark, or a function that is called with the run and the verdict."""


@dataclass(frozen=True)
class Update:
    """News from a workflow, at a moment when it can be paused, steered or stopped."""

    done: int
    """Steps done."""
    total: int
    """Steps asked for."""
    system: System | None
    """The newest stored frame, caller's order, of the first replica; None when there is no new one."""
    series: dict[str, np.ndarray]
    """New values of the time series, user units: one per new frame, the mean of all replicas."""
    checkpoint: Callable[[], bytes]
    """Gives all that is needed to continue from here."""
    of_atoms: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Numbers or vectors of the atoms of `system`, user units: what a picture of them may be coloured by."""
    spread: np.ndarray | None = None
    """Where the beads of ring polymers are about their centroids, `[beads atoms 3]`, Å; None where there are none."""
    clouds: tuple[Cloud, ...] = ()
    """What there is to compare now, in place of what there was before."""
    verdict: Verdict | None = None
    """What a monitor says of the newest frame."""
    alarm: Alarm | None = None
    product: Callable[[], Any] | None = None
    """Gives what the workflow makes besides data, such as a potential, as it would be if it ended here."""
