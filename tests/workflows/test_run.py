"""The handle of a run: pause, steer, stop, failures; nothing already computed is lost."""

import json
import threading
import time

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import InputError, RunWarning, StorageError
from mlip_nb.workflows import RunStatus


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


def _md(**changes):
    return mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=60), timestep=4.0, **changes)


def _until(run, claim, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert not run.status.ended, run.message
        assert time.monotonic() < end, f"{run} after {seconds} s"
        time.sleep(0.01)


def test_run_gives_a_dataset_that_obeys_its_own_definitions(argon, potential):
    ds = _md(steps=100, every=20).run(argon, potential)
    np.testing.assert_array_equal(ds["step"], [0, 20, 40, 60, 80, 100])
    np.testing.assert_allclose(ds["time"], ds["step"] * 4.0)
    np.testing.assert_allclose(ds["total_energy"], ds["potential_energy"] + ds["kinetic_energy"])
    np.testing.assert_allclose(ds["pressure"], -np.trace(ds["stress"], axis1=1, axis2=2) / 3, atol=1e-12)
    np.testing.assert_allclose(ds["volume"], (5.4 * 2) ** 3)
    kinetic = 0.5 * np.sum(ds["mass"].values[:, None] * ds["velocities"].values ** 2, axis=(1, 2)) * 103.642697
    np.testing.assert_allclose(ds["kinetic_energy"], kinetic, rtol=1e-6)
    assert ds.attrs["status"] == "finished"
    ensemble = json.loads(ds.attrs["params"])["ensemble"]
    assert ensemble == mlip_nb.NVTLangevin(temperature=60).describe()


def test_same_seed_same_run(argon, potential):
    first, second = (_md(steps=40, seed=3).run(argon, potential) for _ in range(2))
    other = _md(steps=40, seed=4).run(argon, potential)
    np.testing.assert_array_equal(first["positions"], second["positions"])
    assert not np.array_equal(first["positions"], other["positions"])


def test_time_takes_the_place_of_steps(argon, potential):
    assert _md(time="0.4ps").total == 100
    with pytest.raises(InputError, match="not both"):
        _md(time=400, steps=100)


def test_pause_rests_and_resume_goes_on(argon, potential):
    run = _md(steps=10**7, every=1000).start(argon, potential)
    _until(run, lambda: run.done > 0)
    run.pause()
    _until(run, lambda: run.status is RunStatus.PAUSED)
    done = run.done
    time.sleep(0.4)
    assert run.done == done
    run.resume()
    _until(run, lambda: run.done > done)
    run.stop()
    ds = run.result()
    assert run.status is RunStatus.STOPPED
    assert ds.attrs["status"] == "stopped"
    assert ds.sizes["frame"] == run.done // 1000 + 1


def test_steering_takes_effect_is_recorded_and_replays(argon, potential):
    run = _md(steps=10**7, every=500).start(argon, potential)
    _until(run, lambda: run.done > 1000)
    run.set(temperature=90)
    _until(run, lambda: run.series["temperature"].size > 10)
    run.stop()
    ds = run.result()
    ((step, values),) = json.loads(ds.attrs["steering"])
    assert step > 0
    assert values == {"temperature": 90.0}
    assert run.live["temperature"] == 90
    whole = run.workflow.extended(min(run.done, step + 500))
    replayed = whole.replay(argon, potential, [(step, values)])
    np.testing.assert_array_equal(replayed["positions"], ds["positions"][: replayed.sizes["frame"]])


def test_value_out_of_range_leaves_the_run_alone(argon, potential):
    run = _md(steps=10**7).start(argon, potential)
    with pytest.raises(InputError, match="temperature"):
        run.set(temperature=-5)
    with pytest.raises(InputError, match="'steps' cannot be changed while running; live: temperature, friction"):
        run.set(steps=5)
    assert run.live["temperature"] == 60
    run.stop()
    assert json.loads(run.result().attrs["steering"]) == []


def test_watcher_that_fails_does_not_stop_the_physics(argon, potential, caplog):
    run = _md(steps=50)._make_run(argon, potential)
    seen = []

    def careless(run):
        seen.append(run.done)
        raise RuntimeError("a bug in a panel")

    run.on_update(careless)
    run.start().wait()
    assert run.status is RunStatus.FINISHED
    assert seen[-1] == 50
    assert "the run goes on" in caplog.text


def test_interrupt_stops_and_keeps_the_data(argon, potential, monkeypatch):
    run = _md(steps=10**7, every=100)._make_run(argon, potential)
    wait, calls = run.wait, []

    def interrupted(timeout=None):
        calls.append(1)
        if len(calls) == 1:
            _until(run, lambda: run.done > 200)
            raise KeyboardInterrupt
        return wait(timeout)

    monkeypatch.setattr(run, "wait", interrupted)
    ds = run.execute()
    assert ds.attrs["status"] == "stopped"
    assert ds.sizes["frame"] > 2


def test_explosion_returns_and_saves_what_there_was(argon, potential, tmp_path):
    """An atom shot at its neighbour, too fast for the timestep."""
    hot = mlip_nb.MD(ensemble=mlip_nb.NVE(), timestep=20.0, steps=5000, every=1, skin=3.0)
    toward = argon.positions[1] - argon.positions[0]
    stride = 1.0 * toward / np.linalg.norm(toward) / hot.internal("timestep")
    bullet = argon.with_momenta(jnp.zeros_like(argon.positions).at[0].set(39.95 * stride))
    with pytest.warns(RunWarning, match=r"(ran away to|would move) .*; .* timestep"):
        ds = hot.run(bullet, potential, save=tmp_path / "hot.zarr")
    assert ds.attrs["status"] == "failed"
    assert ds.sizes["frame"] > 1
    again = mlip_nb.open(tmp_path / "hot.zarr")
    assert again.attrs["message"] == ds.attrs["message"]
    np.testing.assert_array_equal(again["positions"], ds["positions"])


def test_append_continues_exactly(argon, potential, tmp_path):
    whole = _md(steps=200, every=10).run(argon, potential)
    _md(steps=120, every=10).run(argon, potential, save=tmp_path / "run.zarr")
    ds = _md(steps=80, every=10).run(argon, potential, save=tmp_path / "run.zarr", append=True)
    for name in ("positions", "velocities", "step", "conserved"):
        np.testing.assert_array_equal(ds[name], whole[name])
    assert json.loads(ds.attrs["params"])["steps"] == 200


def test_append_may_change_live_parameters_only(argon, potential, tmp_path):
    path = tmp_path / "run.zarr"
    _md(steps=40).run(argon, potential, save=path)
    with pytest.raises(InputError, match="same settings"):
        _md(steps=40).replace(timestep=2.0).run(argon, potential, save=path, append=True)
    warmer = _md(steps=40).replace(temperature=80).run(argon, potential, save=path, append=True)
    assert json.loads(warmer.attrs["steering"]) == [[40, {"temperature": 80.0}]]


def test_live_values_are_stored_as_they_were_at_every_frame(argon, potential):
    ramp = _md(steps=80, every=20).replace(temperature="40@20fs,80@60fs")
    ds = ramp.resolved().replay(argon, potential, [(40, {"friction": 3.0})])
    step = ds["step"].values
    np.testing.assert_allclose(ds["live_temperature"], np.interp(ds["time"], [20, 60], [40, 80]), rtol=1e-12)
    np.testing.assert_allclose(ds["live_friction"], np.where(step > 40, 3.0, 1.0), rtol=1e-12)
    assert (ds["live_temperature"].attrs["units"], ds["live_friction"].attrs["units"]) == ("K", "1/ps")


def test_live_values_of_replicas_are_those_of_each(argon, potential):
    ds = _md(steps=20, every=20).replace(temperature=[30.0, 50.0]).run(argon, potential)
    np.testing.assert_allclose(ds["live_temperature"], [[30, 50], [30, 50]], rtol=1e-12)
    assert ds["live_friction"].dims == ("frame", "replica")


def test_existing_store_is_not_overwritten_by_accident(argon, potential, tmp_path):
    _md(steps=20).run(argon, potential, save=tmp_path / "run.zarr")
    with pytest.raises(StorageError, match="overwrite"):
        _md(steps=20).run(argon, potential, save=tmp_path / "run.zarr")
    ds = _md(steps=10).run(argon, potential, save=tmp_path / "run.zarr", overwrite=True)
    assert ds.sizes["frame"] == 2


def test_bad_system_is_refused_before_anything_runs(potential):
    threads = threading.active_count()
    system = mlip_nb.from_ase(bulk("Si"))
    with pytest.raises(InputError, match="stillinger-weber covers Si"):
        _md().start(mlip_nb.from_ase(bulk("Cu")), mlip_nb.potential("stillinger-weber"))
    with pytest.raises(InputError, match="append continues a store"):
        _md().start(system, potential, append=True)
    assert threading.active_count() == threads


def test_rate_and_eta_are_told(argon, potential):
    run = _md(steps=10**7, every=1000).start(argon, potential)
    _until(run, lambda: run.rate > 0 and run.done > 5000)
    assert run.eta == pytest.approx((run.total - run.done) / run.rate, rel=0.5)
    run.stop()
    run.wait()
    assert run.eta is None
