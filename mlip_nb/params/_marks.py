"""What a field carries beside its type, for those who read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """The unit of a bare number, carried by the type of a field."""

    name: str


@dataclass(frozen=True)
class Live:
    """A field that may be changed while a run goes on; the two numbers are the ends of its slider."""

    low: float
    high: float


@dataclass(frozen=True)
class Instead:
    """A field that is given in place of another one: whoever gives it does not want the other's default."""

    name: str


@dataclass(frozen=True)
class Variable:
    """A bare word may name a notebook variable of this kind (see `session.KINDS`)."""

    kind: str


@dataclass(frozen=True)
class Written:
    """A function that the body of a cell may define, under the name of the field."""
