"""What a user has asked for, kept so that it can be asked again."""

import json

import jax.numpy as jnp
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


def test_goals_have_the_units_of_their_quantities():
    assert goal_of("bulk_modulus=900kbar") == ("bulk_modulus", 90.0)
    assert goal_of("density=2.33g/cm³") == ("density", 2.33)
    with pytest.raises(mlip_nb.InputError, match="has no value"):
        goal_of("volume")


def test_goals_are_steered_by_name_and_survive_provenance():
    design = mlip_nb.Design(target={"bulk_modulus": 90, "volume": 160})
    steered = design.replace(bulk_modulus=95.0)
    assert steered.live() == {"bulk_modulus": 95.0, "volume": 160.0}
    assert workflows.build(json.dumps(steered.describe())) == steered
