"""Single, double and mixed precision: what is kept in which."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.simulate import NVE, draw_momenta

from .oscillators import run


@pytest.fixture(scope="module")
def frames():
    """The same 300 steps of silicon at 600 K three times."""
    system = mlip_nb.load("Si", repeat=2)
    system = system.with_momenta(draw_momenta(system, 600 * units.KELVIN, key=jax.random.PRNGKey(0)))

    def frames(precision):
        potential = mlip_nb.potential("stillinger-weber", species="Si", precision=precision)
        integrator = NVE().integrator(1 * units.FEMTOSECOND)
        return run(system.astype(potential.spec.state_precision), potential, integrator, {}, steps=300, every=10)

    return {precision: frames(precision) for precision in ("float64", "float32", "mixed")}


def test_mixed_precision_keeps_positions_and_sums_in_double(frames):
    assert {leaf.dtype for leaf in jax.tree.leaves(frames["mixed"])} == {np.dtype(float), np.dtype("int32")}
    assert frames["float32"].positions.dtype == np.float32


def test_mixed_precision_computes_forces_in_single(frames):
    """They differ from those in double, and by no more than single precision explains."""
    error = np.abs(frames["mixed"].forces[0] - frames["float64"].forces[0]).max()
    assert 1e-9 < error < 1e-4


def test_mixed_precision_adds_up_as_double_does(frames):
    """Steps taken back lead to the start: no digit of a position is lost by adding a small step to it."""

    def lost(precision):
        potential = mlip_nb.potential("stillinger-weber", species="Si", precision=precision)
        there = frames[precision]
        start = mlip_nb.load("Si", repeat=2).astype(potential.spec.state_precision)
        turned = eqx.tree_at(lambda s: s.positions, start, jnp.asarray(there.positions[-1]))
        turned = turned.with_momenta(-jnp.asarray(there.momenta[-1]))
        integrator = NVE().integrator(1 * units.FEMTOSECOND)
        back = run(turned, potential, integrator, {}, steps=300, every=10)
        return np.abs(back.positions[-1].astype(float) - there.positions[0]).max()

    assert lost("mixed") < 0.4 * lost("float32")
