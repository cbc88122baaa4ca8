"""What a check found, and how findings are written down."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

_MOST = 6
"""Frame numbers that a line of text names."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with some frames, or that one should know."""

    check: str
    severity: Severity
    """error: a potential trained on this learns something false; warning: look at it; note: nothing is wrong."""
    frames: tuple[int, ...]
    """Numbers of the frames, as in `Labelled.index`; empty when it is about the whole set."""
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.severity}, {self.check}: {self.message}; {self.cure}"


def numbers(frames: Iterable[int]) -> tuple[int, ...]:
    """Frame numbers in order, each once, as Python's integers."""
    return tuple(sorted({int(frame) for frame in frames}))


def named(frames: tuple[int, ...]) -> str:
    """Frame numbers in words, the first few of them."""
    shown = ", ".join(map(str, frames[:_MOST]))
    more = f" and {len(frames) - _MOST} more" if len(frames) > _MOST else ""
    return f"{'frame' if len(frames) == 1 else 'frames'} {shown}{more}"
