"""What a parameter that varies can be written as, and that it means the same everywhere."""

import json

import numpy as np
import pytest

from mlip_nb.errors import InputError, ParameterError
from mlip_nb.schedule import Ladder, Schedule, now, read
from mlip_nb.simulate import NVTLangevin, ensembles


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
    ],
)
def test_what_is_wrong_is_named(value, words):
    with pytest.raises((ParameterError, InputError), match=words):
        NVTLangevin(temperature=value).over(1000.0)


def test_a_line_over_the_run_cannot_be_told_without_the_run():
    with pytest.raises(InputError, match="how long"):
        NVTLangevin(temperature="300->600").describe()
