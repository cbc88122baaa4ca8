"""One declaration: values are read, checked once, described, built again and replaced."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, ClassVar, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mlip_nb import units
from mlip_nb.errors import InputError, MlipError
from mlip_nb.params import Count, Duration, Live, Params, Pressure, Replicas, Seed, Temperature
from mlip_nb.registry import Registry

empty = ModuleType("package_without_files")
empty.__path__ = []
sys.modules[empty.__name__] = empty
baths: Registry["Bath"] = Registry("bath", empty.__name__)


class Bath(Params):
    """A part."""

    registry: ClassVar[Registry] = baths


@baths.register("hot")
class Hot(Bath):
    """A registered part."""

    temperature: Annotated[Temperature, Live(0, 2000)] = 300.0
    """Target temperature."""


@baths.register("cold")
class Cold(Bath):
    """Another registered part."""


class Job(Params):
    """A whole."""

    bath: Bath = Hot()
    """What surrounds the job."""
    steps: Count = 10
    """How many."""
    time: Duration | None = None
    """How long."""
    pressure: Annotated[Pressure, Live(-5, 50)] = 0.0
    """How hard."""
    style: Literal["quick", "thorough"] = "quick"
    """How."""
    repeat: tuple[Count, Count, Count] | None = None
    """How often."""
    folder: Path | None = None
    """Where."""
    seed: Seed = 0
    """From where."""
    replicas: Replicas | None = None
    """How many at once."""


def field(name):
    return next(field for field in Job.fields() if field.name == name)


def test_declarations_are_read():
    assert field("time").unit == "fs"
    assert field("pressure").live == Live(-5, 50)
    assert field("style").choices == ("quick", "thorough")
    assert field("bath").part is Bath
    assert field("repeat").is_sequence
    assert field("repeat").read("1,2,3") == ["1", "2", "3"]
    assert field("steps").doc == "How many."
    assert field("steps").flag == "--steps"
    assert not field("steps").required


def test_text_with_a_unit_is_a_value():
    assert Job(time="2ps").time == 2000
    assert Hot(temperature="350 K").temperature == 350
    assert Job(pressure="10kbar").pressure == pytest.approx(1)


def test_internal_units_come_from_the_type():
    assert Job(time=1.0).internal("time") == units.FEMTOSECOND
    assert Job(pressure=2.0).internal("pressure") == 2 * units.GIGAPASCAL
    controls = Job(bath=Hot(temperature=100), pressure=1).controls()
    assert controls == {"temperature": 100 * units.KELVIN, "pressure": units.GIGAPASCAL}
    assert Job(bath=Hot(temperature=100), pressure=1).live() == {"temperature": 100, "pressure": 1}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": 0}, r"steps: .*greater than 0 \(got 0\)"),
        ({"steps": 2**31}, r"steps: .*less than or equal to 2147483647 \(got 2147483648\)"),
        ({"steps": 10**5000}, "steps: .*thousands of digits"),
        ({"steps": "9" * 5000}, r"steps: .*got '9{199}\.\.\."),
        ({"steps": np.zeros((3, 3))}, r"steps: .*got array\(\[\[0"),
        ({"seed": -1}, r"seed: .*greater than or equal to 0 \(got -1\)"),
        ({"seed": 10**30}, r"seed: .*less than or equal to \d{19} \(got 10{30}\)"),
        ({"replicas": 10**9}, r"replicas: .*less than or equal to 100000 \(got 10{9}\)"),
        ({"bath": {"name": "hot", "temperature": 10**400}}, r"temperature: .*valid number \(got 10+\.\.\."),
        ({"steps": 1.5}, r"steps: .*integer.*got 1.5"),
        ({"time": -1}, r"time: .*greater than 0 \(got -1\)"),
        ({"time": float("nan")}, "time: .*finite"),
        ({"time": float("inf")}, "time: .*finite"),
        ({"time": "1e999ps"}, "time: .*finite"),
        ({"time": "3 K"}, "'K' is no unit of time"),
        ({"style": "slow"}, r"style: .*'quick' or 'thorough'.*got 'slow'"),
        ({"stepz": 3}, "unknown parameter of Job 'stepz'. Did you mean 'steps'"),
        ({"bath": "hott"}, "unknown bath 'hott'. Did you mean 'hot'"),
        ({"bath": {"name": "hot", "temperature": 0}}, r"temperature: .*greater than 0 \(got 0\)"),
        ({"bath": {"temperature": 3}}, "described by its 'name'"),
        ({"bath": 3}, "bath"),
        ({"repeat": (1, 2)}, "repeat"),
        ({"repeat": (1, 0, 1)}, "repeat.*greater than 0"),
    ],
)
def test_mistakes_are_told_in_one_line(fields, message):
    with pytest.raises(InputError, match=message) as refusal:
        Job(**fields)
    assert "\n" not in str(refusal.value)


def test_a_mistake_is_an_error_the_user_can_catch_in_two_ways():
    assert issubclass(InputError, ValueError)
    assert issubclass(InputError, MlipError)


def test_nothing_changes_after_validation():
    with pytest.raises(ValidationError, match="frozen"):
        Job().steps = 3


def test_replace_reaches_into_parts_and_validates():
    job = Job(steps=5).replace(temperature=77, time="1ps")
    assert (job.steps, job.bath.temperature, job.time) == (5, 77, 1000)
    with pytest.raises(InputError, match="temperature"):
        job.replace(temperature=-1)
    with pytest.raises(InputError, match="Did you mean 'temperature'"):
        job.replace(temperatur=1)


jobs = st.builds(
    Job,
    bath=st.one_of(st.builds(Hot, temperature=st.floats(1e-3, 1e4)), st.builds(Cold)),
    steps=st.integers(1, 10**9),
    time=st.none() | st.floats(1e-6, 1e9),
    pressure=st.floats(-1e3, 1e3),
    style=st.sampled_from(["quick", "thorough"]),
    repeat=st.none() | st.tuples(*[st.integers(1, 9)] * 3),
    folder=st.none() | st.just(Path("a b")),
)


@given(job=jobs)
def test_description_survives_json(job):
    assert Job(**json.loads(json.dumps(job.describe()))) == job


def test_registry_builds_from_a_name_a_description_and_its_json():
    description = {"name": "hot", "temperature": 5.0}
    assert baths.build("hot") == Hot()
    assert baths.build(description) == baths.build(json.dumps(description)) == Hot(temperature=5)
    assert list(baths) == ["cold", "hot"]
    with pytest.raises(InputError, match="unknown bath 'warm'"):
        baths["warm"]
    with pytest.raises(ValueError, match="two baths are called 'hot'"):
        baths.register("hot")(Cold)
