"""What a parameter that varies can be written as, and that it means the same everywhere."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.errors import InputError, ParameterError
from mlip_nb.schedule import Ladder, Schedule, now, read
from mlip_nb.simulate import NVTLangevin, ensembles
from mlip_nb.workflows import MD


def test_a_line_over_the_run_ends_where_it_should():
    line = read("300->1000", "K").over(500.0)
    np.testing.assert_allclose([line.at(time) for time in (-1, 0, 250, 500, 9e9)], [300, 300, 650, 1000, 1000])


def test_more_arrows_are_more_lines_of_equal_length():
    assert read("300 -> 600 K -> 300", "K").over(10.0) == Schedule((0, 5, 10), (300, 600, 300))


def test_knots_carry_their_units():
    assert read("1@0ps,10kbar@5ps", "GPa") == Schedule((0, 5000), (1, 1))


def test_a_function_of_time_is_followed_between_its_knots():
    """Straight lines between 257 knots: the error of a quarter period of a sine is below a ten-thousandth."""
    wave = read(lambda time: 300 + 100 * np.sin(time / 500), "K").over(1000.0)
    times = np.linspace(0, 1000, 999)
    np.testing.assert_allclose([wave.at(time) for time in times], 300 + 100 * np.sin(times / 500), atol=0.01)


def test_a_ladder_is_evenly_spaced_and_ends_are_included():
    assert read("300:1000:8", "K") == Ladder(tuple(range(300, 1001, 100)))
    assert read([300, "0.4 K"], "K") == Ladder((300, 0.4))
    assert now(Ladder((1, 3)), 7.0) == 2


@pytest.mark.parametrize("value", ["300->600", [(0, 300), (1000, 600)], "300:600:4", 350.0, lambda time: 300 + time])
def test_description_gives_the_same_ensemble_back(value):
    ensemble = NVTLangevin(temperature=value).over(1000.0)
    assert ensembles.build(json.loads(json.dumps(ensemble.describe()))) == ensemble


def test_internal_units_are_those_of_the_constant():
    """A schedule of one value is that value, in eV and in internal time."""
    constant = NVTLangevin(temperature=300).controls()["temperature"]
    varying = NVTLangevin(temperature=[(0, 300), (1, 300)]).controls()["temperature"]
    assert varying.values == (constant, constant)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("300->-5", "-5 K is out of bounds"),
        ("300->", "is not a number"),
        ("300:600", "is no ladder"),
        ("300:600:0", "is no ladder"),
        ([(10, 300), (5, 300)], "must increase; got 10, 5 fs"),
        ([(10, 300, 2)], "pairs"),
        ([], "empty list"),
        ([True, 300], "no number"),
        (lambda time: -time if time else 1.0, "out of bounds"),
        ("300->5 GPa", "no unit of temperature"),
        ([(0, 300), (np.nan, 400)], "knots of a schedule must be finite; got 400 at nan fs"),
        ([(0, 300), (np.inf, 400)], "must be finite"),
        ([(0, np.nan), (1, 400)], "must be finite; got nan at 0 fs"),
        (Schedule((0, np.nan), (300, 400)), "must be finite"),
        (Schedule((1, 0), (300, 400)), "must increase"),
        ("300:1000:1000000000", r"ladder of 1e\+09 replicas is too long; give 100000 at most"),
        ("300:1000:" + "9" * 5000, "ladder of inf replicas is too long"),
        ("300:1000:²", "is no ladder"),
        (range(1, 10**9), "ladder of 1e.09 replicas is too long"),
        (10**400, "hundreds of digits is out of bounds"),
    ],
)
def test_what_is_wrong_is_named(value, words):
    with pytest.raises((ParameterError, InputError), match=words):
        NVTLangevin(temperature=value).over(1000.0)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda time: 1 / time, r"fails at 0 fs \(ZeroDivisionError: .*\); it has to give a finite number"),
        (lambda time: 300 / (time - 500) ** 2, r"fails at 500 fs \(ZeroDivisionError"),
        (lambda: 300, r"fails at 0 fs \(TypeError"),
        (lambda time: None, "gives None at 0 fs"),
        (lambda time: "300" if time > 500 else 300, "gives '300' at 503.906 fs"),
        (lambda time: np.full(2, 300.0), r"gives array\(\[300., 300.\]\) at 0 fs"),
        (lambda time: True, "gives True at 0 fs"),
        (lambda time: 10**400, "gives 10{400} at 0 fs"),
        (lambda time: np.nan, "gives nan at 0 fs"),
    ],
)
def test_a_function_that_fails_is_told_with_its_time_in_one_line(function, words):
    """The name of the parameter stands first, at the start of the run and later on; inside a workflow, too."""
    for make in (lambda: NVTLangevin(temperature=function).over(1000.0), _as_part(function)):
        with pytest.raises(ParameterError, match=f"temperature: the function of time {words}") as refusal:
            make()
        assert "\n" not in str(refusal.value)


def _as_part(function):
    return lambda: MD(ensemble={"name": "nvt-langevin", "temperature": function}, steps=1000).resolved()


@pytest.mark.parametrize("pole", [0.0, 500.0])
def test_the_error_of_a_function_is_kept_as_the_cause(pole):
    with pytest.raises(InputError) as refusal:
        NVTLangevin(temperature=lambda time: 300 / (time - pole) ** 2).over(1000.0)
    causes = [refusal.value]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    assert isinstance(causes[-1], ZeroDivisionError)


@pytest.mark.parametrize("value", [np.float32(300), np.array(300), jnp.asarray(300.0), 300])
def test_a_function_may_give_any_kind_of_number(value):
    assert NVTLangevin(temperature=lambda time: value).over(10.0).temperature.at(5.0) == 300


def test_steps_that_follow_from_a_time_are_bounded_as_steps_are():
    assert MD(time=2**31 - 1, timestep=1).total == 2**31 - 1
    for time, timestep in [("1e9ps", 1), (1e300, 1e-300), (1000, 1e-9)]:
        with pytest.raises(InputError, match=r"steps of .* fs, and a run has 2147483647 at most; give a shorter time"):
            MD(time=time, timestep=timestep)


def test_a_line_over_the_run_cannot_be_told_without_the_run():
    with pytest.raises(InputError, match="how long"):
        NVTLangevin(temperature="300->600").describe()
