"""What a user has asked for, kept so that it can be asked again."""

import functools
import inspect
import json

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.design import goal_of
from mlip_nb.design.objective import read
from mlip_nb.workflows import workflows

WANTED = 5.5
SHARES = jnp.array([0.25, 0.75])


def half(value):
    return value / 2


def wish(x):
    return half(x) * WANTED + jnp.sum(SHARES)


def test_an_objective_is_the_same_again_from_its_source_alone():
    source = read(wish)
    again = read(str(source))
    assert float(again.function(3.0)) == float(wish(3.0))
    assert "WANTED = 5.5" in source


def test_what_cannot_be_kept_is_refused():
    with pytest.raises(mlip_nb.InputError, match="not as a lambda"):
        mlip_nb.Design(objective=lambda x: x.volume)
    with pytest.raises(mlip_nb.InputError, match="defines no function"):
        read("a = 3")


def test_what_cannot_be_written_down_is_refused_by_name():
    half_of_it = functools.partial(half)

    def objective(x):
        return half_of_it(x)

    with pytest.raises(
        mlip_nb.InputError, match="half_of_it is a partial, which cannot be kept with its objective; define it inside"
    ):
        read(objective)


def test_numbers_of_numpy_and_functions_of_libraries_are_kept():
    scale, sine, reach = np.float32(2.5), np.sin, [1.0, np.inf]

    def objective(x):
        return scale * sine(x) + reach[0] + (x < reach[1])

    assert float(read(str(read(objective))).function(3.0)) == pytest.approx(objective(3.0))


volume = object()
"""Which has the name of a quantity."""


def by_volume(x):
    return x.volume


def test_attributes_are_not_taken_for_what_a_function_needs():
    assert read(by_volume) == inspect.getsource(by_volume)


def test_what_is_read_is_not_run(tmp_path):
    """Whoever looks at a store of somebody else's runs nothing."""
    mark = tmp_path / "mark"
    source = f"open({str(mark)!r}, 'w').close()\ndef objective(x):\n    return x\n"
    design = mlip_nb.Design(objective=source)
    assert workflows.build(json.dumps(design.describe())) == design
    assert not mark.exists()
    assert design.objective.function(3.0) == 3.0
    assert mark.exists()
    with pytest.raises(mlip_nb.InputError, match="cannot be read: ZeroDivisionError"):
        read("1 / 0\ndef objective(x): return x").function  # noqa: B018 - which is what runs it
    with pytest.raises(mlip_nb.InputError, match="cannot be read: SyntaxError"):
        read("def objective(x) return x")


def test_goals_have_the_units_of_their_quantities():
    assert goal_of("bulk_modulus=900kbar") == ("bulk_modulus", 90.0)
    assert goal_of("density=2.33g/cm³") == ("density", 2.33)
    with pytest.raises(mlip_nb.InputError, match="has no value"):
        goal_of("volume")


def test_goals_are_steered_by_name_and_survive_provenance():
    design = mlip_nb.Design(target={"bulk_modulus": 90, "volume": 160})
    steered = design.replace(target_bulk_modulus=95.0, weight_volume=3.0)
    weights = {"weight_bulk_modulus": 1.0, "weight_volume": 3.0}
    assert steered.live() == {"target_bulk_modulus": 95.0, "target_volume": 160.0} | weights
    assert workflows.build(json.dumps(steered.describe())) == steered


def test_a_goal_may_have_the_name_of_a_parameter():
    """The pressure inside is wanted, that outside is given."""
    design = mlip_nb.Design(target="pressure=2", pressure=1.0)
    assert design.replace(pressure=5.0).goals == {"pressure": 2.0}
    assert design.replace(target_pressure=3.0).pressure == 1.0
    assert design.replace(pressure=5.0).pressure == 5.0


@pytest.mark.parametrize("weight", ["volume=-1", "volume=nan", "volume=inf", "volume"])
def test_weights_are_numbers_from_zero_on(weight):
    with pytest.raises(mlip_nb.InputError, match="is no weight; write for example volume=2"):
        mlip_nb.Design(target="volume=40", weight=weight)
