"""What a monitor says of a frame, for whoever shows it."""

from dataclasses import dataclass, field

import numpy as np

_AMBER = 0.7
"""Part of the threshold from which on it is close."""


@dataclass(frozen=True)
class Verdict:
    """The atom of a frame of which a potential is least sure, beside what is allowed."""

    name: str
    """What is watched."""
    unit: str
    value: float
    threshold: float
    atom: int
    symbol: str
    step: int
    time: float
    """fs."""
    replica: int | None = None

    @property
    def passed(self) -> bool:
        """True above the threshold."""
        return self.value > self.threshold

    @property
    def light(self) -> str:
        """green, amber from 0.7 of the threshold on, red above it."""
        return "red" if self.passed else "amber" if self.value > _AMBER * self.threshold else "green"

    @property
    def brief(self) -> str:
        """`radius 0.12 of 0.3 eV/Å, atom 5 (Si)`."""
        return f"{self.name} {self.value:.2g} of {self.threshold:.3g}{self._unit}, {self._who}"

    def __str__(self) -> str:
        relation = "above" if self.passed else "below"
        return (
            f"the {self.name} of {self._who} is {self.value:.3g}{self._unit} at step {self.step} ({self.time:g} fs), "
            f"{relation} the threshold of {self.threshold:.3g}"
        )

    @property
    def _unit(self) -> str:
        return "" if self.unit == "1" else f" {self.unit}"

    @property
    def _who(self) -> str:
        return f"atom {self.atom} ({self.symbol})" + (f" of replica {self.replica}" if self.replica is not None else "")


@dataclass(frozen=True)
class Judgement:
    """What a monitor says of the new frames of a chunk."""

    variables: dict[str, np.ndarray] = field(default_factory=dict)
    """By the names of the quantities table; replicas, if any, are the second axis."""
    series: dict[str, np.ndarray] = field(default_factory=dict)
    """What is watched, the largest of all replicas."""
    newest: Verdict | None = None
    alarm: Verdict | None = None
    """The first frame that passed the threshold, when the one before it had not."""
