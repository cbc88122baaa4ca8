"""Types that carry units and bounds."""

import math
from pathlib import Path
from typing import Annotated, Any

import annotated_types
from pydantic import AfterValidator, BeforeValidator, PlainValidator

from .. import schedule, units
from ..schedule import MOST_REPLICAS, Varying
from ._marks import Unit


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
