"""Values that change with time, or from one replica to the next.

A parameter that takes them is written as a number, or as

- `300->1000`: along a straight line over the whole run; more arrows, more lines of equal length,
- `300@0ps,600@5ps,300@10ps`: along straight lines between knots,
- `300:1000:8`: eight replicas, evenly spaced; in Python also a list with one value for each.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import units
from .errors import InputError

_KNOTS = 257
"""Knots of a function of time; between them a straight line is taken."""

MOST_REPLICAS = 100_000
"""More is a slip of the keyboard, which would come to light after a long wait only."""


@dataclass(frozen=True)
class Schedule:
    """Straight lines between knots; constant before the first and after the last."""

    times: tuple[float, ...]
    """fs; fractions of the whole run while `relative`."""
    values: tuple[float, ...]
    relative: bool = False

    def over(self, duration: float, begin: float = 0.0) -> "Schedule":
        """The same with times in fs, for something of this length that begins then."""
        return Schedule(tuple(begin + time * duration for time in self.times), self.values) if self.relative else self

    def at(self, time: float) -> float:
        """The value at a time in fs; the first one while nobody knows how long the run is."""
        return self.values[0] if self.relative else float(np.interp(time, self.times, self.values))

    def internal(self, unit: str) -> "Schedule":
        """Times and values in internal units."""
        times = tuple(units.to_internal(time, "fs") for time in self.times)
        return Schedule(times, tuple(units.to_internal(value, unit) for value in self.values))

    def describe(self) -> list:
        """Plain JSON types, which `read` takes back."""
        if self.relative:
            raise InputError("a schedule over the whole run needs to know how long that is; give it to a workflow")
        return [list(knot) for knot in zip(self.times, self.values, strict=True)]

    def __str__(self) -> str:
        return " -> ".join(f"{value:g}" for value in self.values)


_WANTED = "it has to give a finite number at every time of the run"


@dataclass(frozen=True)
class FunctionOfTime:
    """A user's function of time in fs, until the length of the run is known."""

    function: Callable[[float], float]

    @property
    def values(self) -> tuple[float, ...]:
        """What is known of it: its value at the start."""
        return (self._at(0.0),)

    def over(self, duration: float, begin: float = 0.0) -> Schedule:
        """Straight lines through its values at equal intervals."""
        times = np.linspace(0, duration, _KNOTS)
        return Schedule(tuple((begin + times).tolist()), tuple(self._at(time) for time in times.tolist()))

    def _at(self, time: float) -> float:
        """Its value at a time in fs.

        **Raises:** `InputError` where there is none, from what the function itself raised.
        """
        try:
            value = self.function(time)
        except Exception as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(f"the function of time fails at {time:g} fs ({told}); {_WANTED}") from error
        if not math.isfinite(number := _real(value)):
            raise InputError(f"the function of time gives {' '.join(repr(value).split())} at {time:g} fs; {_WANTED}")
        return number


@dataclass(frozen=True)
class Ladder:
    """One value for each replica."""

    values: tuple[float, ...]

    def internal(self, unit: str) -> "Ladder":
        """The values in internal units."""
        return replace(self, values=tuple(units.to_internal(value, unit) for value in self.values))

    def describe(self) -> list[float]:
        """Plain JSON types, which `read` takes back."""
        return list(self.values)

    def __str__(self) -> str:
        return ", ".join(f"{value:g}" for value in self.values)


Varying = Schedule | FunctionOfTime | Ladder


def read(value: Any, unit: str) -> float | Varying:
    """A number, a schedule, a function of time or a ladder, from what a user may write for one.

    **Raises:** `InputError` for a text or list that is none of them.
    """
    if isinstance(value, str):
        return _from_text(value, unit)
    if callable(value):
        return FunctionOfTime(value)
    if isinstance(value, Schedule):
        return _in_order(value)
    if isinstance(value, Ladder):
        return value
    if isinstance(value, (Sequence, np.ndarray)):
        return _from_list(value, unit)
    return _number(value, unit)


def now(value: float | Schedule | Ladder, time: float) -> float:
    """One number that stands for the value at a time in fs: of a ladder, the mean of its rungs."""
    if isinstance(value, Ladder):
        return float(np.mean(value.values))
    return value.at(time) if isinstance(value, Schedule) else value


def plain(value: float | Schedule | Ladder) -> float | list:
    """Plain JSON types, which `read` takes back."""
    return value if isinstance(value, (int, float)) else value.describe()


def _from_text(text: str, unit: str) -> float | Varying:
    if "->" in text:
        values = [units.parse(part, unit) for part in text.split("->")]
        return Schedule(tuple(np.linspace(0, 1, len(values)).tolist()), tuple(values), relative=True)
    if "@" in text:
        return _from_list([part.split("@")[::-1] for part in text.split(",")], unit)
    if ":" in text:
        return _spaced(text, unit)
    return units.parse(text, unit)


def _spaced(text: str, unit: str) -> Ladder:
    first, last, count, *more = [*text.split(":"), ""]
    # Not int(): Python reads no integer of more than 4300 digits.
    if more != [""] or not count.strip().isdecimal() or float(count) < 1:
        raise InputError(f"{text!r} is no ladder; write for example '300:1000:8': first, last, and how many replicas")
    _refuse_crowd(float(count))
    return Ladder(tuple(np.linspace(units.parse(first, unit), units.parse(last, unit), int(count)).tolist()))


def _from_list(items: Sequence, unit: str) -> Varying:
    """Pairs (time, value) are knots, plain values belong to replicas."""
    if not len(items):
        raise InputError("an empty list; give (time, value) pairs for a schedule, or one value for each replica")
    if not all(isinstance(item, (list, tuple, np.ndarray)) for item in items):
        _refuse_crowd(len(items))
        return Ladder(tuple(_number(item, unit) for item in items))
    if any(len(item) != 2 for item in items):
        raise InputError(f"{items!r} is no schedule; its knots are (time, value) pairs")
    times = tuple(_number(time, "fs") for time, _ in items)
    return _in_order(Schedule(times, tuple(_number(value, unit) for _, value in items)))


def _in_order(schedule: Schedule) -> Schedule:
    """The same, if its knots are finite and follow one another."""
    for time, value in zip(schedule.times, schedule.values, strict=True):
        if not (math.isfinite(time) and math.isfinite(value)):
            raise InputError(f"knots of a schedule must be finite; got {value:g} at {time:g} fs")
    if any(late <= early for early, late in zip(schedule.times, schedule.times[1:], strict=False)):
        told = ", ".join(f"{time:g}" for time in schedule.times)
        raise InputError(f"times of a schedule must increase; got {told} fs")
    return schedule


def _refuse_crowd(count: float) -> None:
    if count > MOST_REPLICAS:
        raise InputError(f"a ladder of {count:g} replicas is too long; give {MOST_REPLICAS} at most")


def _real(value: Any) -> float:
    """What a function of time gave as a number; not a number when it is none."""
    if isinstance(value, (str, bytes, bool, np.bool_)):
        return math.nan
    try:
        return float(value) if np.ndim(value) == 0 else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _number(value: Any, unit: str) -> float:
    if isinstance(value, str):
        return units.parse(value, unit)
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise InputError("an integer of hundreds of digits is out of bounds; give a smaller one") from None
    raise InputError(f"{value!r} is no number; write for example '10{unit}'")
