"""Many runs in other processes: complete, the same as one by one, and safe from whatever happens to a worker."""

import os
import signal
import subprocess
import sys
import time

import distributed
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


@pytest.fixture(scope="module")
def here():
    """A cluster in this process: nothing has to be imported or compiled again."""
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, memory_limit=0
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        yield client


def md(**changes):
    return mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=60), timestep=4.0, **changes)


def until(claim, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)


def assert_as_one_by_one(sweep, datasets) -> None:
    for job in sweep.jobs:
        alone = job.workflow.run(job.system, job.potential)
        for name in ("step", "positions", "velocities", "conserved"):
            np.testing.assert_array_equal(datasets[job.name][name], alone[name], err_msg=f"{job.name}: {name}")


def test_every_combination_is_one_run_and_the_same_as_alone(argon, potential, here, tmp_path):
    sweep = mlip_nb.Sweep(md(steps=40), argon, potential, temperature=[40, 60.0], seed=range(2))
    assert [job.name for job in sweep.jobs] == [
        f"temperature={temperature}_seed={seed}" for temperature in (40, 60) for seed in (0, 1)
    ]
    run = sweep.start(tmp_path / "runs", client=here)
    seen = []
    run.on_update(lambda run: seen.append(run.done))
    datasets = run.wait().result()
    assert run.status is RunStatus.FINISHED
    assert (run.done, run.total, seen[-1]) == (160, 160, 160)
    assert_as_one_by_one(sweep, datasets)
    assert run.table["seed"].tolist() == [0, 1, 0, 1]
    assert run.table["status"].tolist() == ["finished"] * 4
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == sorted(f"{name}.zarr" for name in datasets)


def test_systems_and_potentials_have_names(argon, potential):
    other = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=6.0)
    sweep = mlip_nb.Sweep(md(), {"cold solid": argon, "liquid": argon}, [potential, other])
    assert [job.name for job in sweep.jobs] == [
        f"{system}_lennard-jones-{number}" for system in ("cold-solid", "liquid") for number in (0, 1)
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": [60, 60.0]}, "temperature: give each value once"),
        ({"seed": []}, "seed: give each value once, and one at least"),
        ({"temperature": [60, -1]}, "temperature"),
        ({"colour": ["red", "blue"]}, "unknown parameter"),
    ],
)
def test_values_that_cannot_work_are_refused_at_once(argon, potential, values, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.Sweep(md(), argon, potential, **values)


def test_things_that_cannot_work_are_refused_at_once(argon, potential, tmp_path):
    with pytest.raises(InputError, match="is no System"):
        mlip_nb.Sweep(md(), [argon, "Ar"], potential)
    with pytest.raises(InputError, match="stillinger-weber covers Si"):
        mlip_nb.Sweep(md(), argon, [potential, mlip_nb.potential("stillinger-weber")])
    sweep = mlip_nb.Sweep(md(), argon, potential)
    with pytest.raises(StorageError, match="^cannot write .*: No such file or directory; choose another path$"):
        sweep.start(tmp_path / "missing" / "runs")
    with pytest.raises(InputError, match="^no cluster at .*; give a dask Client"):
        sweep.run(tmp_path / "runs", client="carrier pigeon")


def test_stopping_keeps_what_there_is_and_resuming_completes_it(argon, potential, here, tmp_path):
    sweep = mlip_nb.Sweep(md(steps=6_000, every=200), argon, potential, seed=range(3))
    run = sweep.start(tmp_path / "runs", client=here)
    until(lambda: run.done > 0)
    run.pause()
    until(lambda: run.status is RunStatus.PAUSED)
    run.resume()
    run.stop()
    parts = run.wait().result()
    assert run.status is RunStatus.STOPPED
    assert run.table["status"].tolist().count("stopped") >= 2
    assert 0 < len(parts) < 4
    with pytest.raises(StorageError, match="exists already; resume=True completes"):
        sweep.start(tmp_path / "runs", client=here)
    datasets = sweep.run(tmp_path / "runs", client=here, resume=True)
    assert_as_one_by_one(sweep, datasets)
    assert {data.attrs["status"] for data in datasets.values()} == {"finished"}


def test_stores_are_replaced_only_when_told(argon, potential, here, tmp_path):
    short, long = (mlip_nb.Sweep(md(steps=steps), argon, potential) for steps in (10, 20))
    short.run(tmp_path / "runs", client=here)
    with pytest.raises(StorageError, match=r"md\.zarr exists already"):
        long.run(tmp_path / "runs", client=here)
    (data,) = long.run(tmp_path / "runs", client=here, overwrite=True).values()
    assert data["step"][-1] == 20


def test_a_run_that_fails_is_told_and_the_others_are_kept(argon, potential, here, tmp_path):
    sweep = mlip_nb.Sweep(md(steps=20), argon, potential, seed=range(2))
    another = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=6.0)
    md(steps=10).run(argon, another, save=(tmp_path / "seed=0.zarr"))
    with pytest.warns(RunWarning, match="^1 of 2 runs failed; seed=0: .* was made with another potential"):
        datasets = sweep.run(tmp_path, client=here, resume=True)
    assert datasets["seed=1"].attrs["status"] == "finished"


SCRIPT = """
import mlip_nb
from ase.build import bulk
if __name__ == "__main__":
    argon = mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2))
    potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)
    md = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=60), timestep=4.0, steps=20)
    print(sorted(mlip_nb.Sweep(md, argon, potential, seed=range(2)).run("runs")))
"""


@pytest.mark.physics
def test_without_a_client_the_cores_of_this_machine_do_it(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['seed=0', 'seed=1']"
    assert "Traceback" not in done.stderr


@pytest.mark.physics
def test_a_worker_that_is_killed_changes_nothing(argon, potential, tmp_path):
    """Two processes; one is killed in the middle of its run, which goes on from its checkpoint."""
    sweep = mlip_nb.Sweep(md(steps=12_000, every=200), argon, potential, seed=range(2))
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0, silence_logs="CRITICAL"
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        run = sweep.start(tmp_path / "runs", client=client, checkpoint_every=0.1)
        until(lambda: (run.table["done"] > 2000).all(), 300)
        (victim, *_), before = client.run(os.getpid).values(), run.table["done"].max()
        os.kill(victim, signal.SIGKILL)
        afterwards = []
        run.on_update(lambda run: afterwards.append(run.table["done"].min()))
        datasets = run.wait(300).result()
        assert victim not in client.run(os.getpid).values()
    assert before < 12_000
    assert min(afterwards) > 1000, "begun from the start instead of from the checkpoint"
    assert run.status is RunStatus.FINISHED
    assert_as_one_by_one(sweep, datasets)
