"""A parameter is declared once; parser, help, form, sliders, schema and provenance read it here."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from .. import units
from .._attribute_docs import attribute_docs, source_of_caller
from ..errors import InputError, ParameterError, unknown
from ..registry import Registry
from ..schedule import FunctionOfTime, Ladder, Schedule
from ._field import Dial, ParamField, alternatives, markers_of
from ._marks import Live, Unit
from ._mistakes import cause, explain, one_a_value


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
            told = [explain(mistake, type(self)) for mistake in one_a_value(mistakes)]
            raise ParameterError(told) from cause(mistakes)

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
            markers = (*info.metadata, *markers_of(info.annotation))
            unit = next((item.name for item in markers if isinstance(item, Unit)), None)
            live = next((item for item in markers if isinstance(item, Live)), None)
            required = info.is_required()
            default = None if required else info.get_default(call_default_factory=True)
            kinds = [kind for kind in alternatives(info.annotation) if kind is not type(None)]
            part = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Params)), None)
            choices = tuple(choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind))
            annotation = kinds[0] if len(kinds) == 1 else info.annotation
            yield ParamField(name, cls, annotation, default, required, unit, live, choices, part, markers)

    @classmethod
    def attribute_docs(cls) -> Mapping[str, str]:
        """What stands below the fields that this class itself declares."""
        return attribute_docs(cls, cls._source)

    @classmethod
    def doc_of(cls, name: str) -> str:
        """What stands below a field, in the class or in that it comes from."""
        family = (one for one in cls.__mro__ if issubclass(one, Params))
        return next((docs[name] for one in family if name in (docs := one.attribute_docs())), "")

    def internal(self, name: str) -> Any:
        """The value of one field in internal units."""
        value, unit = getattr(self, name), next(f.unit for f in type(self).fields() if f.name == name)
        return value.internal(unit) if isinstance(value, (Schedule, Ladder)) else units.to_internal(value, unit)

    def controls(self) -> dict[str, float | Schedule | Ladder]:
        """The `Live` fields, those of parts included, in internal units."""
        given = ((owner, field) for owner, field in self._live_fields() if getattr(owner, field.name) is not None)
        return {
            field.name: owner.internal(field.name) if field.unit else getattr(owner, field.name)
            for owner, field in given
        }

    def live(self) -> dict[str, float | Schedule | Ladder]:
        """The `Live` fields, those of parts included, in user units."""
        values = {field.name: getattr(owner, field.name) for owner, field in self._live_fields()}
        return {name: value for name, value in values.items() if value is not None}

    def dials(self) -> Iterator[Dial]:
        """The `Live` fields as sliders, those of parts included."""
        return (field.dial() for _, field in self._live_fields())

    def _live_fields(self) -> Iterator[tuple["Params", ParamField]]:
        """Whose they are, and what they are; those of parts included."""
        for field in type(self).fields():
            value = getattr(self, field.name)
            if isinstance(value, Params):
                yield from value._live_fields()
            elif field.live is not None:
                yield self, field

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
