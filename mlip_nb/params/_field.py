"""One declared parameter, as its readers see it."""

from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types

from ..schedule import Schedule
from ._marks import Live

if TYPE_CHECKING:
    from ._params import Params


@dataclass(frozen=True)
class Dial:
    """A number that may be changed while something goes on, as a slider shows it."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    doc: str
    open_below: bool = False
    """True where the lowest value itself is out of bounds."""


@dataclass(frozen=True)
class ParamField:
    """One declared parameter, as every reader (parser, help, form, slider) sees it."""

    name: str
    owner: "type[Params]"
    annotation: Any
    default: Any
    required: bool
    unit: str | None
    live: Live | None
    choices: tuple[str, ...]
    part: "type[Params] | None"
    markers: tuple[Any, ...]
    """Everything the annotation carries: a reader finds its own marks here."""

    @property
    def doc(self) -> str:
        """What stands below the field, in the class or in that it comes from."""
        return self.owner.doc_of(self.name)

    def dial(self) -> Dial:
        """The slider of a field that is `Live`."""
        assert self.live is not None, "the others have none"
        touches = any(isinstance(mark, annotated_types.Gt) and mark.gt >= self.live.low for mark in self.markers)
        label = self.name.replace("_", " ")
        return Dial(self.name, label, self.unit or "", self.live.low, self.live.high, self.doc, touches)

    @property
    def flag(self) -> str:
        """`--every`, with dashes for underscores."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        """True for a flag that takes no value."""
        return self.annotation is bool

    @property
    def varies(self) -> bool:
        """True for a value that may follow a schedule, or differ between replicas."""
        return Schedule in alternatives(self.annotation)

    @property
    def beside_choices(self) -> Any:
        """What else is taken where there are choices: `int` for a number or `auto`."""
        others = [kind for kind in alternatives(self.annotation) if get_origin(kind) is not Literal]
        return next(iter(others), None) if self.choices else None

    @property
    def is_sequence(self) -> bool:
        """True for several values, written with commas."""
        return any(get_origin(kind) in (tuple, list) for kind in alternatives(self.annotation))

    def read(self, text: str) -> Any:
        """What validation expects of a text: `"3,3,3"` is three values where several are taken, `"2"` a choice of 2."""
        if chosen := [choice for choice in self.choices if str(choice) == text]:
            return chosen[0]
        scalar = any(get_origin(kind) not in (tuple, list) for kind in alternatives(self.annotation))
        if not self.is_sequence or (scalar and "," not in text):
            return text
        return [item.strip() for item in text.split(",") if item.strip()]


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type; `Annotated` members unpacked."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin is None or origin in (Literal, tuple, list, dict):
        return (annotation,)
    return tuple(kind for member in get_args(annotation) for kind in alternatives(member))


def markers_of(annotation: Any) -> tuple[Any, ...]:
    """What `Annotated` members of a union carry: `Duration | None` still has its unit."""
    origin = get_origin(annotation)
    if origin is Annotated:
        member, *markers = get_args(annotation)
        return (*markers, *markers_of(member))
    if origin in (Union, UnionType):
        return tuple(marker for member in get_args(annotation) for marker in markers_of(member))
    return ()
