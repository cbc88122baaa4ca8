"""A run in parts is the run: whatever ended the parts, to the last bit, with no frame missing and none twice."""

import json
import multiprocessing
import random
import re
import time
from contextlib import closing

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import InputError, RunWarning, SimulationError, StorageError
from mlip_nb.neighbors import Neighbors, finder
from mlip_nb.results import ZarrStore, _files, _zarr
from mlip_nb.results._commit import committed_length, read_root
from mlip_nb.simulate import ensembles, start_state
from mlip_nb.simulate._advance import Progress
from mlip_nb.simulate._checkpoint import read_checkpoint, write_checkpoint
from mlip_nb.simulate._replicas import stack
from mlip_nb.workflows import RunStatus

from . import killed_run
from .killed_run import argon, potential

FORKS = multiprocessing.get_context("forkserver")
"""Processes that have imported everything when they begin."""
FORKS.set_forkserver_preload([killed_run.__name__])

EVERYTHING = ("step", "time", "positions", "velocities", "forces", "cell", "potential_energy", "conserved")


@pytest.fixture(scope="module", name="argon")
def argon_():
    return argon()


@pytest.fixture(scope="module", name="potential")
def potential_():
    return potential()


def md(ensemble=None, every=5, **changes):
    ensemble = ensemble or mlip_nb.NVTLangevin(temperature=60)
    return mlip_nb.MD(ensemble=ensemble, timestep=4.0, every=every, **changes)


RELATED = ("brownian", "nph", "nvt-nose-hoover")
"""Made of parts of others; these run with the long checks."""


def assert_same(part, whole) -> None:
    """`part` is how `whole` begins."""
    for name in EVERYTHING:
        np.testing.assert_array_equal(part[name], whole[name][: part.sizes["frame"]], err_msg=name)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.physics) if name in RELATED else name for name in ensembles]
)
def test_three_parts_are_the_whole_in_every_ensemble(argon, potential, tmp_path, name):
    """The parts end between two frames, and neighbours are rebuilt on the way."""
    ensemble = ensembles.build(name)
    ensemble = ensemble.replace(temperature=60) if "temperature" in type(ensemble).model_fields else ensemble
    whole = md(ensemble, steps=60, skin=0.1).run(argon, potential)
    for steps in (23, 20, 17):
        append = (tmp_path / "run.zarr").exists()
        ds = md(ensemble, steps=steps, skin=0.1).run(argon, potential, save=tmp_path / "run.zarr", append=append)
    assert ds.sizes["frame"] == 13
    assert_same(ds, whole)
    assert json.loads(ds.attrs["params"])["steps"] == ds.attrs["done"] == 60


class Failure(Exception):
    pass


def test_pause_stop_and_failure_leave_a_checkpoint(argon, potential, tmp_path, monkeypatch):
    whole = md(steps=3000).run(argon, potential)
    path = tmp_path / "run.zarr"
    run = md(steps=10**6).start(argon, potential, save=path, checkpoint_every="1h")
    until(lambda: run.done > 100)
    run.checkpoint()
    until(lambda: mlip_nb.open(path).attrs["done"] > 100)
    run.pause()
    until(lambda: run.status is RunStatus.PAUSED)
    assert mlip_nb.open(path).attrs["done"] == run.done
    run.stop()
    run.wait()
    assert mlip_nb.open(path).attrs["done"] == run.done

    fail_after(monkeypatch, 3)
    with pytest.warns(RunWarning, match="^the sky fell$"):
        ds = md(steps=10**6).run(argon, potential, save=path, append=True, checkpoint_every="1h")
    monkeypatch.undo()
    assert ds.attrs["status"] == "failed"
    assert ds.attrs["done"] > run.done
    rest = max(3000 - ds.attrs["done"], 10)
    ds = md(steps=rest).run(argon, potential, save=path, append=True)
    assert_same(ds.isel(frame=slice(0, whole.sizes["frame"])), whole)


def until(claim, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.01)


def fail_after(monkeypatch, updates: int) -> None:
    """The physics fails after so many chunks."""
    told = mlip_nb.MD.updates

    def failing(*arguments, **options):
        for count, update in enumerate(told(*arguments, **options)):
            yield update
            if count == updates:
                raise SimulationError("the sky fell")

    monkeypatch.setattr(mlip_nb.MD, "updates", failing)


def test_checkpoints_come_as_often_as_was_asked(argon, potential, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(
        ZarrStore, "write_checkpoint", lambda self, data, attrs: written.append((time.monotonic(), attrs["done"]))
    )
    run = md(steps=10**7, every=1000).start(argon, potential, save=tmp_path / "run.zarr", checkpoint_every="0.5s")
    until(lambda: len(written) == 4)
    run.stop()
    run.wait()
    times = [time for time, _ in written[:4]]
    assert min(np.diff(times)) > 0.5
    assert written[-1][1] == run.done


@pytest.mark.parametrize("wrong", ["30K", "-1s", 0.0, "soon"])
def test_a_time_between_checkpoints_that_is_none_is_refused(argon, potential, wrong):
    with pytest.raises(InputError, match="wall time|not a number"):
        md(steps=10).start(argon, potential, checkpoint_every=wrong)


def test_steering_after_the_last_checkpoint_is_not_lost(argon, potential, tmp_path, monkeypatch):
    """The machine ends after frames that a slider has changed; they come out the same when the run goes on."""
    path = tmp_path / "run.zarr"
    run = md(steps=10**6).start(argon, potential, save=path, checkpoint_every="1h")
    until(lambda: run.done > 100)
    run.set(temperature=90)
    done = run.done
    until(lambda: run.done > done + 500)
    # As a kill does: frames are flushed, the last checkpoint is the first one.
    monkeypatch.setattr(ZarrStore, "write_checkpoint", lambda self, data, attrs: self.flush())
    run.stop()
    run.wait()
    monkeypatch.undo()
    before = mlip_nb.open(path).load()
    assert before.attrs["done"] < before["step"][-1]
    again = md(steps=100).replace(temperature=90).run(argon, potential, save=path, append=True)
    assert_same(before, again)
    assert again["step"][-1] == before["step"][-1] + 100
    assert_same(again, again.mlip.rerun())


# Killed


@pytest.mark.physics
def test_a_run_killed_at_twenty_instants_is_the_uninterrupted_one(argon, potential, tmp_path):
    """A real process. The first instants come before its first frame, most of the others in the middle of writing."""
    path, chance, lengths = tmp_path / "run.zarr", random.Random(1), [0]
    for number in range(20):
        process = FORKS.Process(target=killed_run.go_on, args=(path,))
        process.start()
        kill(process, path, lengths[-1], chance.uniform(0.0, 0.5), patient=number >= 3)
        if path.exists():
            mlip_nb.open(path)
            lengths.append(frames_in(path))
    assert sorted(lengths) == lengths, "an acknowledged frame was lost"
    assert len(set(lengths)) > 15
    whole = killed_run.md(lengths[-1] + 10).run(argon, potential)
    assert_same(mlip_nb.open(path), whole)
    run = killed_run.md(5).start(argon, potential, save=path, append=True)
    assert_same(run.result(), whole)
    assert run.done == lengths[-1] + 4


def kill(process, path, length: int, after: float, *, patient: bool) -> None:
    """End a process; a patient killer waits until it has written something new."""
    end = time.monotonic() + 60
    while patient and frames_in(path) <= length:
        assert process.is_alive()
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(after)
    process.kill()
    process.join()


def frames_in(path) -> int:
    return committed_length(read_root(path)) if path.exists() else 0


def test_a_run_killed_before_its_first_frame_says_so_and_is_begun_anew(argon, potential, tmp_path):
    path = tmp_path / "run.zarr"
    md(steps=20)._make_run(argon, potential, save=path)._store.close()
    with pytest.raises(InputError, match="^this Dataset has no frames with positions"):
        mlip_nb.open(path).mlip.to_ase()
    assert mlip_nb.open(path).attrs["status"] == "running"
    whole = md(steps=20).run(argon, potential)
    assert_same(md(steps=20).run(argon, potential, save=path, append=True), whole)
    md(steps=20)._make_run(argon, potential, save=path, overwrite=True)._store.close()
    assert_same(md(steps=20).run(argon, potential, save=path, overwrite=True), whole)


# What cannot be continued


@pytest.fixture
def saved(argon, potential, tmp_path):
    md(steps=20).run(argon, potential, save=tmp_path / "run.zarr")
    return tmp_path / "run.zarr"


def refused(saved, workflow, system, potential) -> str:
    """One line; and nothing has changed on disk."""
    before = contents(saved)
    with pytest.raises((InputError, StorageError)) as error:
        workflow.start(system, potential, save=saved, append=True)
    assert contents(saved) == before
    assert "\n" not in str(error.value)
    return str(error.value)


def contents(path) -> dict:
    return {file.relative_to(path): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_the_store_of_another_system_potential_or_workflow_is_refused(saved, argon, potential):
    krypton = mlip_nb.from_ase(bulk("Kr", "fcc", a=5.4, cubic=True).repeat(2))
    fewer = mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True))
    atoms = mlip_nb.to_ase(argon)
    atoms.pbc = (True, True, False)
    other = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=6.0)
    single = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0, precision="float32")
    assert "holds other atoms than this system" in refused(saved, md(), krypton, potential)
    assert "holds other atoms than this system" in refused(saved, md(), fewer, potential)
    assert "is periodic along [true, true, true]" in refused(saved, md(), mlip_nb.from_ase(atoms), potential)
    assert "was made with another potential" in refused(saved, md(), argon, other)
    assert "was computed in float64" in refused(saved, md(), argon, single)
    assert "append continues a run with the same settings" in refused(saved, md(mlip_nb.NVE()), argon, potential)


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("params", '{"name": "md", "colour": "red"}', "does not say how it was made in a way this mlip_nb knows"),
        ("params", '{"name": "dance"}', "does not say how it was made"),
        ("params", "{", "does not say how it was made"),
        ("done", "many", "does not say how it was made"),
    ],
)
def test_a_store_that_does_not_say_how_it_was_made_is_refused(saved, argon, potential, attribute, value, message):
    store = ZarrStore.reopen(saved)
    store.update_attrs({attribute: value})
    store.close()
    assert message in refused(saved, md(), argon, potential)


def checkpoint_of(ensemble, system, potential) -> bytes:
    """As it is at the very start; nothing has to run for that."""
    like = start_of(ensemble, system)
    table = Neighbors.blank(finder(potential.cutoff, 0.5).grid(system), system)
    return write_checkpoint(stack([Progress.start(like, table)]))


def start_of(ensemble, system):
    integrator = ensemble.integrator(1.0)
    system = system.with_momenta(jnp.zeros_like(system.positions))
    return start_state(system, integrator, key=jax.random.PRNGKey(0))


NVT, NVE = mlip_nb.NVTLangevin(), mlip_nb.NVE()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda system: (NVT, system.astype("float32")), "belongs to another ensemble or precision"),
        (lambda system: (NVE, system), "belongs to another ensemble or precision"),
        (lambda system: (NVT, mlip_nb.from_ase(bulk("Ar", cubic=True))), "has 4 atoms, the system 32; load the same"),
    ],
    ids=["precision", "ensemble", "atoms"],
)
def test_a_checkpoint_of_another_run_is_refused(argon, potential, change, message):
    """One line, and the difference is found before anything is compiled."""
    data = checkpoint_of(*change(argon), potential)
    with pytest.raises(InputError, match=f"^the checkpoint {message}[^\\n]*$"):
        read_checkpoint(data, [start_of(NVT, argon)])


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-5], lambda data: data[: len(data) // 2], lambda data: b"\0" + data]
)
def test_a_damaged_checkpoint_is_refused(argon, potential, damage):
    data = checkpoint_of(NVT, argon, potential)
    assert read_checkpoint(data, [start_of(NVT, argon)]).state.step == 0
    with pytest.raises(StorageError, match="^(the checkpoint is damaged|this is not a checkpoint)[^\\n]*$"):
        read_checkpoint(damage(data), [start_of(NVT, argon)])


def test_a_checkpoint_put_there_by_hand_ends_the_run_in_one_line(saved, argon, potential):
    with closing(ZarrStore.reopen(saved)) as store:
        store.write_checkpoint(checkpoint_of(NVE, argon, potential), {})
    with pytest.warns(RunWarning, match=r"^the checkpoint belongs to another ensemble[^\n]*$"):
        md(steps=20).run(argon, potential, save=saved, append=True)
    assert mlip_nb.open(saved).sizes["frame"] == 5


# Full disks


def test_a_full_disk_ends_the_run_in_one_line_and_keeps_what_was_written(argon, potential, tmp_path, monkeypatch):
    whole = md(steps=200).run(argon, potential)
    monkeypatch.setattr(_zarr, "_FLUSH_SECONDS", 0.0)
    path, chance = tmp_path / "run.zarr", random.Random(0)
    md(steps=20).run(argon, potential, save=path)
    for _ in range(6):
        before = mlip_nb.open(path).sizes["frame"]
        with monkeypatch.context() as patches:
            patches.setattr(_files, "write_file", full_after(chance.randrange(1, 60)))
            with pytest.warns(RunWarning, match=r"^cannot write .*run\.zarr: No space left on device; choose another"):
                md(steps=10**6).run(argon, potential, save=path, append=True)
        after = mlip_nb.open(path)
        assert after.sizes["frame"] >= before
        assert_same(after.isel(frame=slice(0, 41)), whole)


def full_after(files: int):
    count, write = iter(range(files)), _files.write_file

    def write_or_fail(path, data):
        if next(count, None) is None:
            raise OSError(28, "No space left on device")
        write(path, data)

    return write_or_fail


@pytest.mark.physics
def test_a_file_that_may_not_grow_ends_the_run_in_one_line(argon, potential, tmp_path):
    """The operating system's own limit, in a process of its own."""
    path = tmp_path / "run.zarr"
    killed_run.md(10).run(argon, potential, save=path)
    process = FORKS.Process(target=killed_run.fill_up, args=(path,))
    process.start()
    process.join(60)
    assert re.fullmatch(r"cannot write .*run\.zarr: File too large; choose another path or make room", told_by(path))
    data = mlip_nb.open(path)
    assert data.sizes["frame"] > 11
    assert_same(data, killed_run.md(data.sizes["frame"] + 1).run(argon, potential))


def told_by(path) -> str:
    return path.with_suffix(".txt").read_text()
