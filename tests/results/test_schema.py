"""The table of quantities and what it refuses."""

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from mlip_nb.errors import InputError
from mlip_nb.results import DIMS, QUANTITIES, build_dataset
from mlip_nb.results.schema import LABELS, plain_attrs

SIZES = {dim: 2 for dim in DIMS} | {dim: len(labels) for dim, labels in LABELS.items()} | {"pair": 1}
"""Of the dims; replicas have one pair fewer than there are of them."""


def an_array(name: str) -> np.ndarray:
    shape = [SIZES[dim] for dim in QUANTITIES[name].dims]
    return np.full(shape, "Si") if name == "symbol" else np.ones(shape)


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_row_uses_known_dims_and_has_a_unit_and_a_meaning(name):
    assert set(QUANTITIES[name].dims) <= set(DIMS)
    assert QUANTITIES[name].units
    assert QUANTITIES[name].long_name


def test_a_dataset_of_all_rows_has_dims_units_and_labels():
    dataset = build_dataset({name: an_array(name) for name in QUANTITIES})
    assert dataset.sizes == SIZES
    assert dataset["xyz"].values.tolist() == ["x", "y", "z"]
    assert dataset["vector"].values.tolist() == ["a", "b", "c"]
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in dataset.variables.values())
    assert set(dataset.coords) == {name for name, row in QUANTITIES.items() if row.coordinate} | set(LABELS)


def test_replicas_are_the_second_axis_of_whatever_has_frames():
    dataset = build_dataset({"positions": np.ones((4, 2, 5, 3)), "temperature": np.ones((4, 2)), "time": np.ones(4)})
    assert dataset["positions"].dims == ("frame", "replica", "atom", "xyz")
    assert dataset["temperature"].dims == ("frame", "replica")
    with pytest.raises(InputError, match=r"^time has shape \(4, 2\); it needs 1 axes: frame$"):
        build_dataset({"time": np.ones((4, 2))})


def test_a_name_that_is_no_row_is_explained():
    with pytest.raises(InputError, match=r"^unknown quantity 'position'. Did you mean 'positions'\?"):
        build_dataset({"position": np.ones((4, 5, 3))})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"forces": np.ones((4, 3))}, r"^forces has shape \(4, 3\); it needs 3 axes: frame, atom, xyz$"),
        (
            {"positions": np.ones((4, 5, 3)), "forces": np.ones((4, 6, 3))},
            "^forces has 6 entries along 'atom'; it needs 5, as positions$",
        ),
        ({"positions": np.ones((4, 5, 2))}, "^positions has 2 entries along 'xyz'; it needs 3, as x, y, z$"),
        (
            {"temperature": np.ones(4), "time": np.ones(5)},
            "^time has 5 entries along 'frame'; it needs 4, as temperature$",
        ),
    ],
)
def test_wrong_shapes_are_told_in_one_line(variables, message):
    with pytest.raises(InputError, match=message):
        build_dataset(variables)


def test_coordinates_may_come_apart_from_variables():
    together = build_dataset({"temperature": np.ones(4), "time": np.arange(4.0)})
    xr.testing.assert_identical(build_dataset({"temperature": np.ones(4)}, {"time": np.arange(4.0)}), together)


PLAIN = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.floats(allow_nan=False) | st.text()


@given(st.dictionaries(st.text(min_size=1), PLAIN | st.lists(PLAIN) | st.dictionaries(st.text(), PLAIN)))
def test_attributes_become_text_or_numbers_and_can_be_read_back(attrs):
    for name, plain in plain_attrs(attrs).items():
        assert type(plain) in (str, int, float)
        assert plain == attrs[name] or json.loads(plain) == attrs[name]


def test_numbers_of_numpy_become_numbers_of_python():
    assert plain_attrs({"a": np.float32(0.5), "b": np.int64(3), "c": np.True_}) == {"a": 0.5, "b": 3, "c": "true"}
