"""A parameter is declared once; parser, help, form, sliders, schema and provenance read it here."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin

import annotated_types
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationError,
)
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from . import schedule, units
from ._attribute_docs import attribute_docs, source_of_caller
from .errors import InputError, ParameterError, unknown
from .registry import Registry
from .schedule import MOST_REPLICAS, FunctionOfTime, Ladder, Schedule, Varying

_LONGEST = 200
"""Characters of a value that a message repeats."""


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


def _quantity(unit: str):
    """A float that also reads text with a unit: `"10ps"` for a field in fs is 10000.0."""
    read = BeforeValidator(lambda value: units.parse(value, unit) if isinstance(value, str) else value)
    return Annotated[float, Unit(unit), read]


Positive = annotated_types.Gt(0)


def _varying(unit: str, *, positive: bool):
    """A float, or what varies with time or replica: see `schedule`."""

    def validated(value: Any) -> Any:
        value = schedule.read(value, unit)
        values = (value,) if isinstance(value, float) else value.values
        wrong = [number for number in values if not math.isfinite(number) or (positive and number <= 0)]
        if wrong:
            raise ValueError(
                f"{wrong[0]:g} {unit} is out of bounds; give " + ("positive" if positive else "finite") + " values"
            )
        return value

    # The bound stands before the validator, which replaces it: for those who draw sliders.
    return Annotated[float | Varying, Unit(unit), *([Positive] if positive else []), PlainValidator(validated)]


Temperature = Annotated[_quantity("K"), Positive]
Timestep = Annotated[_quantity("fs"), Positive]
TargetTemperature = _varying("K", positive=True)
Duration = Annotated[_quantity("fs"), Positive]
Span = Annotated[_quantity("fs"), annotated_types.Ge(0)]
WallTime = Annotated[_quantity("s"), Positive]
Rate = Annotated[_quantity("1/ps"), Positive]
Pressure = _quantity("GPa")
TargetPressure = _varying("GPa", positive=False)
Compressibility = Annotated[_quantity("1/GPa"), Positive]
Length = Annotated[_quantity("Å"), Positive]
Coordinate = _quantity("Å")
InverseLength = Annotated[_quantity("1/Å"), Positive]
Energy = _quantity("eV")
Force = Annotated[_quantity("eV/Å"), Positive]
Viscosity = Annotated[_quantity("mPa·s"), Positive]
Mass = Annotated[_quantity("amu"), Positive]
Stress = Annotated[_quantity("GPa"), Positive]
MOST_STEPS = 2**31 - 1
"""Steps are counted in int32 on the device."""

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path as people write it, with `~` for their home."""
Share = Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)]
Count = Annotated[int, Positive, annotated_types.Le(MOST_STEPS)]
Replicas = Annotated[int, Positive, annotated_types.Le(MOST_REPLICAS)]
# Replica k has seed + k, and that is an int64, too.
Seed = Annotated[int, annotated_types.Ge(0), annotated_types.Le(2**63 - 1 - MOST_REPLICAS)]


@dataclass(frozen=True)
class ParamField:
    """One declared parameter, as every reader (parser, help, form, slider) sees it."""

    name: str
    owner: type["Params"]
    annotation: Any
    default: Any
    required: bool
    unit: str | None
    live: Live | None
    choices: tuple[str, ...]
    part: type["Params"] | None
    markers: tuple[Any, ...]
    """Everything the annotation carries: a reader finds its own marks here."""

    @property
    def doc(self) -> str:
        """What stands below the field, in the class or in that it comes from."""
        family = (cls for cls in self.owner.__mro__ if issubclass(cls, Params))
        return next((docs[self.name] for cls in family if self.name in (docs := cls.attribute_docs())), "")

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
        return Schedule in _alternatives(self.annotation)

    @property
    def beside_choices(self) -> Any:
        """What else is taken where there are choices: `int` for a number or `auto`."""
        others = [kind for kind in _alternatives(self.annotation) if get_origin(kind) is not Literal]
        return next(iter(others), None) if self.choices else None

    @property
    def is_sequence(self) -> bool:
        """True for several values, written with commas."""
        return any(get_origin(kind) in (tuple, list) for kind in _alternatives(self.annotation))

    def read(self, text: str) -> Any:
        """What validation expects of a text: `"3,3,3"` is three values where several are taken, `"2"` a choice of 2."""
        if chosen := [choice for choice in self.choices if str(choice) == text]:
            return chosen[0]
        scalar = any(get_origin(kind) not in (tuple, list) for kind in _alternatives(self.annotation))
        if not self.is_sequence or (scalar and "," not in text):
            return text
        return [item.strip() for item in text.split(",") if item.strip()]


class Params(BaseModel):
    """Everything a user can ask for. Frozen, validated once, in user units."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="constants")
    registered_name: ClassVar[str] = ""
    registry: ClassVar[Registry | None] = None
    _source: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        cls._source = source_of_caller(cls.__module__)

    def __init__(self, **fields: Any):
        try:
            super().__init__(**fields)
        except ValidationError as error:
            mistakes = error.errors()
            told = [_explain(mistake, type(self)) for mistake in _one_a_value(mistakes)]
            raise ParameterError(told) from _cause(mistakes)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Where an abstract part is expected, its name or its description will do."""
        schema = handler(source)
        return no_info_before_validator_function(cls._from_description, schema) if cls.is_abstract() else schema

    @classmethod
    def is_abstract(cls) -> bool:
        """True for the class that a registry collects: it declares the registry."""
        return cls.__dict__.get("registry") is not None

    @classmethod
    def _from_description(cls, value: Any) -> Any:
        return cls.registry.build(value) if isinstance(value, (str, dict)) else value

    @classmethod
    def fields(cls) -> Iterator[ParamField]:
        """The declared parameters, in order."""
        for name, info in cls.model_fields.items():
            markers = (*info.metadata, *_markers(info.annotation))
            unit = next((item.name for item in markers if isinstance(item, Unit)), None)
            live = next((item for item in markers if isinstance(item, Live)), None)
            required = info.is_required()
            default = None if required else info.get_default(call_default_factory=True)
            kinds = [kind for kind in _alternatives(info.annotation) if kind is not type(None)]
            part = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Params)), None)
            choices = tuple(choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind))
            annotation = kinds[0] if len(kinds) == 1 else info.annotation
            yield ParamField(name, cls, annotation, default, required, unit, live, choices, part, markers)

    @classmethod
    def attribute_docs(cls) -> Mapping[str, str]:
        """What stands below the fields that this class itself declares."""
        return attribute_docs(cls, cls._source)

    def internal(self, name: str) -> Any:
        """The value of one field in internal units."""
        value, unit = getattr(self, name), next(f.unit for f in type(self).fields() if f.name == name)
        return value.internal(unit) if isinstance(value, (Schedule, Ladder)) else units.to_internal(value, unit)

    def controls(self) -> dict[str, float | Schedule | Ladder]:
        """The `Live` fields, those of parts included, in internal units."""
        values: dict[str, float | Schedule | Ladder] = {}
        for field in type(self).fields():
            value = getattr(self, field.name)
            if isinstance(value, Params):
                values |= value.controls()
            elif field.live is not None and value is not None:
                values[field.name] = self.internal(field.name) if field.unit else value
        return values

    def live(self) -> dict[str, float | Schedule | Ladder]:
        """The `Live` fields, those of parts included, in user units."""
        values: dict[str, float | Schedule | Ladder] = {}
        for field in type(self).fields():
            value = getattr(self, field.name)
            if isinstance(value, Params):
                values |= value.live()
            elif field.live is not None and value is not None:
                values[field.name] = value
        return values

    def dials(self) -> Iterator[Dial]:
        """The `Live` fields as sliders, those of parts included."""
        for field in type(self).fields():
            value = getattr(self, field.name)
            if isinstance(value, Params):
                yield from value.dials()
            elif field.live is not None:
                low, high = field.live.low, field.live.high
                touches = any(isinstance(mark, annotated_types.Gt) and mark.gt >= low for mark in field.markers)
                label = field.name.replace("_", " ")
                yield Dial(field.name, label, field.unit or "", low, high, field.doc, touches)

    def replace(self, **changes: Any) -> Self:
        """A validated copy; a name that is not a field is looked for in the parts."""
        # Only what was set: a validator may tell a value that was given from a default.
        values = {name: getattr(self, name) for name in self.model_fields_set}
        for name, value in changes.items():
            if name in type(self).model_fields:
                values[name] = value
            else:
                owner = self._part_with(name)
                values[owner] = values.get(owner, getattr(self, owner)).replace(**{name: value})
        return type(self)(**values)

    def over(self, duration: float, begin: float = 0.0) -> Self:
        """The same with schedules that know when they begin and how long they last, fs; those of parts included."""
        changes: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, (Params, Schedule, FunctionOfTime)):
                changes[name] = _stretched(name, value, duration, begin)
        return self.replace(**changes) if any(changes[name] is not getattr(self, name) for name in changes) else self

    def of_replica(self, index: int) -> Self:
        """The same with the value of one replica in place of every ladder; those of parts included."""
        changes: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, Ladder):
                changes[name] = value.values[index]
            elif isinstance(value, Params):
                changes[name] = value.of_replica(index)
        return self.replace(**changes) if any(changes[name] is not getattr(self, name) for name in changes) else self

    def describe(self) -> dict[str, Any]:
        """`{"name": ..., fields...}`, plain JSON types; the registry's `build()` inverts it."""
        fields = {name: _plain(getattr(self, name)) for name in type(self).model_fields}
        return ({"name": self.registered_name} if self.registered_name else {}) | fields

    def _part_with(self, name: str) -> str:
        for owner in type(self).model_fields:
            part = getattr(self, owner)
            if isinstance(part, Params) and name in type(part).model_fields:
                return owner
        known = set(type(self).model_fields) | {f for p in self._parts() for f in type(p).model_fields}
        raise unknown("parameter", name, known)

    def _parts(self) -> Iterator["Params"]:
        return (part for name in type(self).model_fields if isinstance(part := getattr(self, name), Params))


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type; `Annotated` members unpacked."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin is None or origin in (Literal, tuple, list, dict):
        return (annotation,)
    return tuple(kind for member in get_args(annotation) for kind in _alternatives(member))


def _markers(annotation: Any) -> tuple[Any, ...]:
    """What `Annotated` members of a union carry: `Duration | None` still has its unit."""
    origin = get_origin(annotation)
    if origin is Annotated:
        member, *markers = get_args(annotation)
        return (*markers, *_markers(member))
    if origin in (Union, UnionType):
        return tuple(marker for member in get_args(annotation) for marker in _markers(member))
    return ()


def _stretched(name: str, value: Params | Schedule | FunctionOfTime, duration: float, begin: float) -> Any:
    """`value.over(...)`, where a mistake has the name of the parameter."""
    try:
        return value.over(duration, begin)
    except ParameterError:
        raise
    except InputError as error:
        raise ParameterError([(name, str(error))]) from error


def _plain(value: Any) -> Any:
    if isinstance(value, (Params, Schedule, Ladder)):
        return value.describe()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


_EXPECTED = "Input should be "
"""How pydantic begins to say what it takes."""


def _explain(mistake: dict, cls: type[Params]) -> tuple[str, str]:
    """The parameter (empty when it is a matter of several), and what is wrong with it."""
    name, *inner = [str(part) for part in mistake["loc"]] or [""]
    message = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "extra_forbidden":
        return "", str(unknown(f"parameter of {cls.registered_name or cls.__name__}", name, cls.model_fields))
    if mistake["type"] == "missing":
        return name, f"value {int(inner[-1]) + 1} is missing" if inner and inner[-1].isdigit() else "a value is needed"
    # Our own messages (value_error) name the value already.
    told = not name or mistake["type"] == "value_error"
    return name, message if told else f"{message} (got {_shown(mistake['input'])})"


def _one_a_value(mistakes: list[dict]) -> list[dict]:
    """A value that is none of several kinds, such as a number or `auto`, is one mistake and not one for each kind."""
    found: dict[tuple, dict] = {}
    for mistake in mistakes:
        place = tuple(part for part in mistake["loc"] if part == mistake["loc"][0] or isinstance(part, int))
        whose = place if mistake["msg"].startswith(_EXPECTED) else (id(mistake),)
        before = found.get(whose)
        also = before and f"{before['msg']}, or {mistake['msg'].removeprefix(_EXPECTED)}"
        found[whose] = {**before, "msg": also} if before else mistake
    return list(found.values())


def _cause(mistakes: list[dict]) -> BaseException | None:
    """What lies behind a mistake: the error of a user's function of time."""
    errors = [mistake.get("ctx", {}).get("error") for mistake in mistakes]
    return next((error.__cause__ for error in errors if isinstance(error, Exception) and error.__cause__), None)


def _shown(value: Any) -> str:
    """A value on one line that can be read."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes no integer of more than 4300 digits.
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
