"""Active learning: what is paid for is kept, rules to stop hold, and what is asked for is worth it."""

import dataclasses
import itertools
import json
import multiprocessing
import random
import time

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError, RunWarning, StorageError
from mlip_nb.learn import Memory, Record
from mlip_nb.learn._shelf import Folder
from mlip_nb.learn.labellers import Answer, oracle_of
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import to_ase
from mlip_nb.uncertainty.committee import Spread
from mlip_nb.workflows import _learning_loop as loop
from mlip_nb.workflows._labelling import Bench
from mlip_nb.workflows.explorers.rattle import Rattle
from mlip_nb.workflows.learn import Campaign, Learn

from ..learn.moody import Moody
from ..learn.teacher import frames_of_silicon
from . import campaigns
from .campaigns import LEARN, SPEC, Slow, campaign, crystals, stand_in

FORKS = multiprocessing.get_context("forkserver")
"""Processes that have imported everything when they begin."""
FORKS.set_forkserver_preload([campaigns.__name__])
NUMBERS = ("round", "labels_used", "labels_failed", "candidates", "explored_force_error", "largest_uncertainty")


@pytest.fixture
def simple(monkeypatch):
    """What learns is replaced by sums."""
    stand_in(monkeypatch.setattr)


def same(one, other) -> None:
    for name in NUMBERS:
        np.testing.assert_array_equal(one[name], other[name])


def test_labels_are_counted_round_by_round(simple):
    run = LEARN.start(campaign(), SPEC.build())
    data = run.result()
    assert data["round"].values.tolist() == [0, 1, 2, 3]
    assert data["labels_used"].values.tolist() == [2, 6, 10, 14]
    assert data["candidates"].values.tolist() == [0, 6, 6, 6]
    assert data.attrs["status"] == "finished"
    learned = run.product()
    assert len(learned.frames) == 14
    energies = [to_ase(frame.system) for frame in learned.frames]
    for atoms, frame in zip(energies, learned.frames, strict=True):
        atoms.calc = Slow()
        assert frame.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
        np.testing.assert_allclose(frame.forces, atoms.get_forces(), atol=1e-6)


def test_failures_are_recorded_skipped_and_told(simple):
    run = LEARN.start(campaign(fails=(4, 5, 9)), SPEC.build())
    data = run.result()
    assert data["labels_failed"].values.tolist() == [0, 2, 3, 3]
    assert data["labels_used"].values.tolist() == [2, 4, 7, 11]
    problems = [one["problem"] for one in run.product().failures]
    assert problems == ["RuntimeError: SCF not converged"] * 3
    assert [one["round"] for one in run.product().failures] == [1, 1, 2]


def test_what_has_failed_is_not_chosen_again(simple, monkeypatch):
    """Whoever chooses is told of it beside what is known."""
    known, choose = [], loop.chosen
    monkeypatch.setattr(
        loop,
        "chosen",
        lambda brought, told, *rest, **more: known.append(len(told)) or choose(brought, told, *rest, **more),
    )
    run = LEARN.start(campaign(fails=(4, 5, 9)), SPEC.build())
    assert run.result()["labels_used"].values.tolist() == [2, 4, 7, 11]
    assert known == [2, 4 + 2, 7 + 3]


def test_structures_that_failed_are_on_record():
    systems = [frame.system for frame in crystals(3)]
    record = Record(Memory(), {})
    record.plan(0, systems, {})
    for place in (0, 2):
        record.add(place, systems[place], Answer(problem="SCF not converged"))
    again = Record(record.shelf, {}).failed()
    for frame, place in zip(again, (0, 2), strict=True):
        np.testing.assert_allclose(frame.system.positions, systems[place].positions, atol=1e-7)


def test_no_cluster_is_made_for_nobody():
    bench = Bench(oracle_of(Slow()), None, 2, None)
    assert list(bench.answers([])) == []
    assert bench._workers is None


def test_two_campaigns_do_not_write_to_one_folder(simple, tmp_path):
    learn = LEARN.replace(folder=tmp_path, rounds=1)
    with learn._alone(), pytest.raises(StorageError, match="is being written by a run"):
        learn.run(campaign(), SPEC.build())
    assert learn.run(campaign(), SPEC.build()).sizes["frame"] == 2


def test_an_explorer_that_brings_nothing_is_a_word_worth(simple, monkeypatch):
    monkeypatch.setattr(Rattle, "candidates", lambda *ignored: [])
    with pytest.warns(RunWarning, match="explorer rattle brought no structure at all in round 1"):
        LEARN.run(campaign(), SPEC.build())


def test_no_label_at_all_ends_it_in_one_line(simple, monkeypatch):
    from mlip_nb.workflows._knowledge import first

    monkeypatch.setattr("mlip_nb.workflows._learning_loop.first", first)
    with pytest.raises(InputError, match="no frame has labels, so there is nothing to begin with"):
        LEARN.run(campaign(fails=(1, 2)), SPEC.build())


@pytest.mark.parametrize(
    ("change", "used"),
    [
        ({"budget": 6}, [2, 6, 8]),
        ({"threshold": 0.3}, [2, 6]),
        ({"threshold": 0.05, "rounds": 1}, [2, 6]),
        ({"goal": 1e9}, [2]),
    ],
    ids=["budget", "uncertainty", "rounds", "error"],
)
def test_every_rule_to_stop_stops(simple, change, used):
    """The stand-in is 1/N unsure after N labels: 0.5 at first, 0.17 after six."""
    run = LEARN.replace(**change).start(campaign(), SPEC.build())
    assert run.result()["labels_used"].values.tolist() == used
    assert run.status == "finished"


def test_a_threshold_without_calibration_is_a_word_worth(simple, monkeypatch):
    monkeypatch.setattr("mlip_nb.workflows._learning_loop.trusted", lambda potential, *rest: Spread(potential))
    with pytest.warns(RunWarning, match="the uncertainty is not calibrated, so a threshold in eV/Å means nothing"):
        LEARN.replace(threshold=0.3).run(campaign(), SPEC.build())


class Killed(BaseException):
    """Nobody catches it."""


def test_whatever_the_disk_has_seen_last_nothing_is_lost_or_paid_twice(simple, tmp_path, monkeypatch):
    """A kill after any one of the writes; the campaign goes on in the same folder to the same end."""
    whole = LEARN.replace(folder=tmp_path / "whole")
    expected = whole.run(campaign(), SPEC.build())
    written = itertools.count()
    for name in ("replace", "append"):
        monkeypatch.setattr(Folder, name, _counted(getattr(Folder, name), written))
    LEARN.replace(folder=tmp_path / "counted").run(campaign(), SPEC.build())
    for last in range(0, next(written), 3):
        learn = LEARN.replace(folder=tmp_path / f"killed-{last}")
        calculator, left = Slow(), itertools.count()
        with monkeypatch.context() as patches:
            for name in ("replace", "append"):
                patches.setattr(Folder, name, _killing(getattr(Folder, name), left, last))
            with pytest.raises(Killed):
                _drained(learn, Campaign(crystals(), labeller=calculator))
        data = learn.run(Campaign(crystals(), labeller=calculator), SPEC.build())
        same(data, expected)
        # One answer may have been under way; none that was on record is asked for again.
        assert 14 <= calculator.asked <= 15
        assert (learn.folder / "labels.xyz").read_bytes() == (whole.folder / "labels.xyz").read_bytes()


def _counted(method, counter):
    def counting(self, *arguments):
        next(counter)
        return method(self, *arguments)

    return counting


def _killing(method, counter, last):
    def killing(self, name, *arguments):
        if next(counter) >= last:
            # Half of a frame may be on disk.
            if name == "labels.xyz":
                method(self, name, arguments[0], arguments[1][:40])
            raise Killed
        return method(self, name, *arguments)

    return killing


def _drained(learn: Learn, subject: Campaign) -> None:
    """In this thread, where a kill is seen."""
    from mlip_nb.results.storage import MemoryStore

    for _ in learn.updates(subject, SPEC.build(), MemoryStore({}, {}), lambda step: ({"rate": 1e-3}, step + 1)):
        pass


def test_a_process_that_is_killed_again_and_again_comes_to_the_same_end(simple, tmp_path):
    chance, folder, diary = random.Random(1), tmp_path / "labels", tmp_path / "diary"
    kills = 0
    for _ in range(4):
        process = FORKS.Process(target=campaigns.go_on, args=(folder, diary))
        process.start()
        before, end = _labels_in(folder), time.monotonic() + 60
        while process.is_alive() and _labels_in(folder) <= before and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.1))
        kills += process.is_alive()
        process.kill()
        process.join()
    assert kills
    data = LEARN.replace(folder=folder).run(campaign(diary=diary), SPEC.build())
    same(data, LEARN.run(campaign(), SPEC.build()))
    assert 14 <= len(diary.read_text().split()) <= 14 + kills


def _labels_in(folder) -> int:
    manifest = folder / "manifest.json"
    return len(json.loads(manifest.read_text())["labels"]) if manifest.exists() else 0


def test_a_store_goes_on_too(simple, tmp_path):
    path = tmp_path / "rounds.zarr"
    LEARN.replace(rounds=1).run(campaign(), SPEC.build(), save=path)
    data = LEARN.replace(rounds=2).run(campaign(), SPEC.build(), save=path, append=True)
    same(data, LEARN.run(campaign(), SPEC.build()))
    with pytest.raises(InputError, match="is a campaign with other"):
        LEARN.run(dataclasses.replace(campaign(), frames=crystals(3)), SPEC.build(), save=path, append=True)


def test_labels_of_another_campaign_are_not_mixed_in(simple, tmp_path):
    learn = LEARN.replace(folder=tmp_path / "labels", rounds=1)
    learn.run(campaign(), SPEC.build())
    with pytest.raises(StorageError, match="holds labels of another frames; choose another folder"):
        learn.run(Campaign(crystals(3), labeller=Slow()), SPEC.build())
    (tmp_path / "labels" / "manifest.json").write_text("{}")
    with pytest.raises(StorageError, match="is none that this mlip_nb can continue"):
        learn.run(campaign(), SPEC.build())


def test_a_batch_is_labelled_by_other_processes(simple):
    """The same labels as one after another, on the workers of a client that is given, or of our own."""
    from distributed import Client, LocalCluster

    expected = LEARN.replace(rounds=1).run(campaign(), SPEC.build())
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        data = LEARN.replace(rounds=1).run(dataclasses.replace(campaign(), client=client), SPEC.build())
    same(data, expected)


@pytest.mark.physics
def test_processes_of_our_own_label_too_and_may_die(simple):
    few = LEARN.replace(rounds=1)
    same(few.replace(processes=2).run(campaign(), SPEC.build()), few.run(campaign(), SPEC.build()))
    run = few.replace(processes=2, timeout=60).start(Campaign(crystals(), labeller=Moody("dies")), SPEC.build())
    assert run.result()["labels_failed"].values.tolist() == [2, 6]
    assert "its process ended with code 3" in run.product().failures[0]["problem"]


# Labels that are refused


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: {"forces": frame.forces / 51.42}, "forces are 51.4 times the labels"),
        (lambda frame: {"forces": frame.forces[::-1]}, "another order of atoms"),
        (lambda frame: {"energy": frame.energy / 27.2}, "energy differs by .* eV/atom"),
        (lambda frame: {"forces": frame.forces[:, [1, 2, 0]] * [2, 1, -1]}, "forces are others"),
    ],
    ids=["unit", "order", "zero", "theory"],
)
def test_a_labeller_that_says_otherwise_is_refused_by_frame(change, told):
    from mlip_nb.learn import check_same_theory
    from mlip_nb.learn.labellers import oracle_of

    frame = frames_of_silicon(5)[4]
    answer = oracle_of(mlip_nb.potential("stillinger-weber")).answer(frame.system)
    check_same_theory(frame, answer, "it")
    with pytest.raises(InputError, match=f"frame 4 is labelled otherwise by it.*{told}"):
        check_same_theory(dataclasses.replace(frame, **change(frame)), answer, "it")


def test_copies_and_wrong_units_are_refused_by_frame():
    frames = frames_of_silicon(4)
    labeller = mlip_nb.potential("stillinger-weber")
    potential = GauntSpec(symbols=("Si",), size="small", members=2).build()
    twice = [*frames, dataclasses.replace(frames[1], index=4)]
    with pytest.raises(InputError, match=r"frames: 2 frames are copies of each other \(frames 1, 4\)"):
        LEARN.start(Campaign(twice, labeller=labeller), potential)
    broken = [*frames, dataclasses.replace(frames_of_silicon(1, seed=3)[0], forces=np.full((8, 3), np.nan), index=4)]
    with pytest.raises(InputError, match=r"test: the forces of 1 frames is not finite \(frame 4\)"):
        LEARN.start(Campaign(frames, labeller=labeller, test=broken), potential)


def test_what_cannot_work_is_refused_before_anything_is_compiled():
    frames, potential = crystals(), SPEC.build()
    with pytest.raises(InputError, match="who labels"):
        LEARN.start(Campaign(frames), potential)
    with pytest.raises(InputError, match="no frames to begin with"):
        LEARN.start(Campaign([], labeller=Slow()), potential)
    with pytest.raises(InputError, match="frame 0 has Cu, which this potential does not cover"):
        LEARN.start(Campaign(frames, labeller=Slow()), GauntSpec(symbols=("Si",), size="small").build())
    with pytest.raises(InputError, match="has no weights to train"):
        LEARN.start(Campaign(frames, labeller=Slow()), mlip_nb.potential("stillinger-weber"))
    silicon = [frame.system for frame in frames_of_silicon(1)]
    with pytest.raises(InputError, match="start 0 has Si, which this potential does not cover"):
        LEARN.start(Campaign(frames, labeller=Slow(), starts=silicon), potential)
    with pytest.raises(InputError, match="there is no pool"):
        LEARN.replace(explorer="pool").start(Campaign(frames, labeller=Slow()), potential)
    with pytest.raises(InputError, match="explorer attack: this uncertainty has no derivatives"):
        LEARN.replace(explorer="attack", uncertainty="hull").start(Campaign(frames, labeller=Slow()), potential)
