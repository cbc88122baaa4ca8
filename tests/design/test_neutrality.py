"""Mixtures without a charge."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.design import oxidation_states
from mlip_nb.design.neutrality import Charges

STATES = np.array([1.0, -1.0, 2.0, 0.0])
COPIES = np.array([1.0, 2.0, 1.0, 1.0, 3.0])
CHARGES = Charges(jnp.asarray(STATES), jnp.asarray(COPIES), -1.0)


def shares(logits):
    return jax.nn.softmax(CHARGES.neutral(logits), axis=0)


@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 300.0])
def test_whatever_the_logits_are_the_charge_is_none(size):
    neutral = jax.jit(lambda logits: CHARGES.total(shares(logits)))
    for seed in range(5):
        logits = size * jax.random.normal(jax.random.key(seed), (len(STATES), len(COPIES)))
        assert abs(float(neutral(logits))) < 1e-10


def test_shares_change_along_what_is_neutral():
    """Derivatives are those of differences, and a logit that all of one state have more of changes nothing."""
    logits = jax.random.normal(jax.random.key(0), (len(STATES), len(COPIES)))
    direction = jax.random.normal(jax.random.key(1), logits.shape)
    _, exact = jax.jit(lambda at: jax.jvp(shares, (at,), (direction,)))(logits)
    step = 1e-5
    differences = (shares(logits + step * direction) - shares(logits - step * direction)) / (2 * step)
    np.testing.assert_allclose(exact, differences, atol=1e-9)
    along_states = jax.jvp(shares, (logits,), (jnp.asarray(STATES)[:, None] * jnp.ones_like(logits),))[1]
    np.testing.assert_allclose(along_states, 0, atol=1e-12)


def test_what_is_rounded_is_the_likeliest_of_all_that_is_neutral():
    for seed in range(5):
        logits = np.array(jax.random.normal(jax.random.key(seed), (len(STATES), len(COPIES))))
        every = [
            (float(COPIES @ logits[list(kinds), range(len(COPIES))]), kinds)
            for kinds in itertools.product(range(len(STATES)), repeat=len(COPIES))
            if STATES[list(kinds)] @ COPIES == 1.0
        ]
        assert tuple(CHARGES.rounded(logits)) == max(every)[1]


def test_what_cannot_be_neutral_is_refused():
    with pytest.raises(mlip_nb.InputError, match="no choice of elements for the sites adds up to zero"):
        Charges(jnp.asarray([1.0, 2.0]), jnp.ones(3), 0.0).check()
    with pytest.raises(mlip_nb.InputError, match="--charges 'Ar' is no oxidation state of an element; write Na=1"):
        oxidation_states("Ar")
    design = mlip_nb.Design(vary=("species",), elements=("Ar", "Kr"), charges="Ar=1", target="volume=150")
    with pytest.raises(mlip_nb.InputError, match="the oxidation state of Kr is missing; give Kr=NUMBER, too"):
        design.run(mlip_nb.load("Ar"), mlip_nb.potential("lennard-jones", cutoff=7.0))
    with pytest.raises(mlip_nb.InputError, match="species are not varied, so that nothing can be neutral"):
        mlip_nb.Design(charges="Ar=1,Kr=-1", target="volume=150")


def apart(x):
    return x.shortest_distance - 3.9


@pytest.mark.physics
def test_every_output_of_a_design_is_neutral_and_keeps_its_distances():
    """Of all starts: mixtures at every iteration, and elements at the end."""
    design = mlip_nb.Design(
        vary=("species", "cell"),
        relax="nothing",
        cell_shape="isotropic",
        elements=("Ar", "Kr", "Xe"),
        charges="Ar=2,Kr=-1,Xe=-1",
        target="lattice_constant=5.5,energy=-0.5",
        inequality=apart,
        steps=60,
        starts=4,
    )
    data = design.run(mlip_nb.load("Ar", a=5.6, repeat=(1, 1, 3)), mlip_nb.potential("lennard-jones", cutoff=7.0))
    assert np.abs(data["design_charge"]).max() <= 1e-8
    last = data.isel(frame=-1)
    assert (last["shares"].values.max(axis=1) == 1).all()
    states = {18: 2, 36: -1, 54: -1}
    assert not sum(states[number] for number in last["site_number"].values[0])
    assert float(last["constraint_violation"][0]) < 1e-5
