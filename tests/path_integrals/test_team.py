"""Several devices that share the beads of one simulation."""

import os
import subprocess
import sys

import jax
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.path_integrals import LocalPILE
from mlip_nb.simulate import Layout, draw_momenta, simulate, start_state


@pytest.mark.parametrize("devices", [2, pytest.param(4, marks=pytest.mark.physics)])
def test_devices_share_the_beads_of_one_simulation(repository, devices):
    """Five beads, which neither two nor four devices share evenly; in a process that has so many devices."""
    command = [sys.executable, "-c", "from tests.path_integrals.test_team import both_ways; both_ways()"]
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": str(devices)}
    done = subprocess.run(command, env=environment, cwd=repository, timeout=500, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(("beads", "atoms"), [(1, 100), (32, 64), (8, 10**6), (128, 10**3)])
def test_no_more_devices_than_have_something_to_do(beads, atoms):
    devices = Layout.of_machine(1, atoms, beads).devices
    assert 1 <= len(devices) <= max(1, beads * atoms // 4000)


def both_ways() -> None:
    """The same trajectory by one device and by all, to rounding: XLA adds up in another order."""
    alone, team = (_frames(count) for count in (1, len(jax.devices())))
    assert len(jax.devices()) > 1
    assert np.abs(alone.positions[-1] - alone.positions[0]).max() > 0.1
    for ours, theirs in zip(jax.tree.leaves(team), jax.tree.leaves(alone), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def _frames(devices: int):
    """Of silicon's crystal, by so many devices."""
    system, potential = mlip_nb.load("Si", repeat=1), mlip_nb.potential("stillinger-weber")
    ensemble = LocalPILE(beads=5, temperature=600, store_beads=True)
    integrator, key = ensemble.integrator(units.FEMTOSECOND), jax.random.PRNGKey(0)
    moving = system.with_momenta(draw_momenta(system, ensemble.initial_temperature, key=key))
    layout = Layout(together=False, devices=tuple(jax.devices()[:devices]))
    options = {"pbc": system.pbc, "steps": 100, "every": 20, "skin": 0.8, "layout": layout}
    controls = ensemble.controls()
    chunks = simulate(
        start_state(moving, integrator, key=key), potential, integrator, lambda step: (controls, 101), **options
    )
    frames = [chunk.frames for chunk in chunks]
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *frames)
