"""Replicas: each is the single run with its seed, whatever else is in the batch and whoever computes it."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, SimulationError
from mlip_nb.neighbors import cell_list
from mlip_nb.schedule import Ladder
from mlip_nb.simulate import Layout, NVTLangevin, _fleet, _room, draw_momenta, simulate, start_state
from mlip_nb.system import System

from .oscillators import Oscillators, at_rest

INTEGRATOR = NVTLangevin().integrator(4 * units.FEMTOSECOND)
TEMPERATURES = tuple(kelvin * units.KELVIN for kelvin in (40, 120, 300))
ALONE = Layout(together=False, devices=tuple(jax.local_devices()[:1]))
TOGETHER = Layout(together=True, devices=ALONE.devices)


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


@pytest.fixture(scope="module")
def batch(argon, potential):
    """Three replicas at three temperatures."""
    return go([begin(argon, index) for index in range(3)], potential, Ladder(TEMPERATURES))


def begin(system: System, index: int):
    draw, run = jax.random.split(jax.random.PRNGKey(index))
    momenta = draw_momenta(system, TEMPERATURES[index], key=draw)
    return start_state(system.with_momenta(momenta), INTEGRATOR, key=run)


def chunks_of(start, potential, temperature, *, steps=120, every=10, skin=0.5, pbc=(True,) * 3, **options):
    controls = {"temperature": temperature, "friction": 0.01}
    return simulate(
        start,
        potential,
        INTEGRATOR,
        lambda step: (controls, steps),
        pbc=pbc,
        steps=steps,
        every=every,
        skin=skin,
        **options,
    )


def go(start, potential, temperature, **options):
    frames = [chunk.frames for chunk in chunks_of(start, potential, temperature, **options)]
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *frames)


def assert_same(frames, batch, index: int) -> None:
    for name in ("positions", "momenta", "forces", "conserved"):
        np.testing.assert_array_equal(getattr(frames, name), getattr(batch, name)[:, index])


@pytest.mark.parametrize("index", range(3))
def test_replica_is_the_single_run_to_the_last_bit(argon, potential, batch, index):
    assert_same(go(begin(argon, index), potential, TEMPERATURES[index]), batch, index)


def test_replicas_side_by_side_are_those_one_after_another(argon, potential, batch):
    """What a GPU does, on this machine."""
    starts = [begin(argon, index) for index in range(3)]
    frames = go(starts, potential, Ladder(TEMPERATURES), layout=TOGETHER)
    np.testing.assert_allclose(frames.positions, batch.positions, atol=1e-11)
    np.testing.assert_allclose(frames.conserved, batch.conserved, atol=1e-12)


@pytest.mark.physics
def test_replica_that_needs_a_larger_table_disturbs_nobody(argon, potential, batch, monkeypatch):
    """Replica 1 begins as a cluster, whose atoms have more neighbours than those of the crystals beside it."""
    scaled = 0.93 * (argon.positions - argon.positions.mean(axis=0))
    dense = System(scaled, argon.numbers, argon.masses, argon.cell, None, argon.pbc)
    full = []
    monkeypatch.setattr(_room, "SPARE", 1.0)
    monkeypatch.setattr(cell_list, "_THERMAL", 0.0)
    mend = _fleet.with_more_room
    monkeypatch.setattr(
        _fleet,
        "with_more_room",
        lambda progress, *rest: full.append(np.asarray(progress.neighbors.overflow)) or mend(progress, *rest),
    )
    starts = [begin(argon, 0), begin(dense, 1), begin(argon, 2)]
    frames = go(starts, potential, Ladder(TEMPERATURES))
    assert full[0].tolist() == [False, True, False]
    for index in (0, 2):
        np.testing.assert_array_equal(frames.positions[:, index], batch.positions[:, index])
    np.testing.assert_allclose(frames.positions[:, 1], go(begin(dense, 1), potential, TEMPERATURES[1]).positions)


def test_replica_that_cannot_go_on_is_named_and_all_stop_where_it_did(argon, potential):
    """One atom of replica 1 as fast as a bullet; what is there can be continued."""
    bullet = argon.with_momenta(jnp.zeros_like(argon.positions).at[5].set(jnp.array([0.0, 0.0, 8e3])))
    shot = start_state(bullet, INTEGRATOR, key=jax.random.PRNGKey(1))
    chunks = chunks_of([begin(argon, 0), shot, begin(argon, 2)], potential, 1e-4)
    chunk = next(chunks)
    assert np.asarray(chunk.progress.state.step).tolist() == [0, 0, 0]
    assert chunk.frames.positions.shape == (1, 3, len(argon.numbers), 3)
    with pytest.raises(SimulationError, match=r"^replica 1: after step 0 .* atom 5 \(Ar\) would move"):
        next(chunks)


def test_checkpoint_continues_replicas_bit_for_bit(argon, potential, batch):
    starts = [begin(argon, index) for index in range(3)]
    *_, half = chunks_of(starts, potential, Ladder(TEMPERATURES), steps=60)
    rest = go(starts, potential, Ladder(TEMPERATURES), checkpoint=half.checkpoint())
    np.testing.assert_array_equal(rest.positions, batch.positions[7:])
    with pytest.raises(InputError, match="the checkpoint has 3 replicas, the run 2"):
        go(starts[:2], potential, 1e-3, checkpoint=half.checkpoint())


def test_frame_of_the_last_step_is_there_also_when_the_room_was_full(monkeypatch):
    monkeypatch.setattr(_fleet, "_MOST_FRAMES", 4)
    monkeypatch.setattr(_fleet.Pace, "__init__", lambda pace: setattr(pace, "steps", 1000))
    start = start_state(at_rest(2, 1.0), INTEGRATOR, key=jax.random.PRNGKey(0))
    frames = go(start, Oscillators(1.0), 1e-3, steps=4, every=1, pbc=(False,) * 3)
    np.testing.assert_array_equal(frames.step, range(5))


_ON_TWO_DEVICES = """
import sys
import jax
import numpy as np
from ase.build import bulk
import mlip_nb

assert len(jax.devices()) == 2
system = mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))
potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)
md = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature="40:120:3"), timestep=4, steps=60, every=20)
np.save(sys.argv[1], md.run(system, potential)["positions"])
"""


@pytest.mark.physics
def test_two_devices_give_the_trajectories_of_one(argon, potential, tmp_path, monkeypatch):
    """Three replicas on two devices: to the last bit."""
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    command = [sys.executable, "-c", _ON_TWO_DEVICES, str(tmp_path / "two.npy")]
    subprocess.run(command, check=True, timeout=300)
    md = mlip_nb.MD(ensemble=NVTLangevin(temperature="40:120:3"), timestep=4, steps=60, every=20)
    np.testing.assert_array_equal(np.load(tmp_path / "two.npy"), md.run(argon, potential)["positions"])
