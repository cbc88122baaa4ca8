"""Our view of a run that goes on: the newest frame, former ones, colours by value."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import viewers
from mlip_nb.viewers.moment import Moment

from .test_structure_viewer import ask, floats, sent

__all__ = ["sent"]

STEPS = 6


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.load("Ar", repeat=2)


@pytest.fixture(scope="module")
def run(argon):
    return mlip_nb.MD(steps=STEPS, every=1).start(argon, mlip_nb.potential("lennard-jones")).wait()


@pytest.fixture
def view(run):
    moment = Moment(run.system, run.frames, float(run.series["time"][-1]), run.of_atoms)
    return viewers.follow(moment, "mlip", data=run.data, colours=run.workflow.colours)


def test_a_run_tells_of_its_atoms_what_the_newest_frame_has(run):
    newest = run.data().isel(frame=-1)
    assert run.frames == run.data().sizes["frame"] == STEPS + 1
    for name, values in run.of_atoms.items():
        np.testing.assert_array_equal(values, newest[name])


def test_the_newest_frame_is_the_last_of_those_to_choose_from(view, run):
    assert (view.widget.count, view.widget.frame["index"], view.widget.live) == (STEPS + 1, STEPS, True)
    view.show(Moment(run.system, STEPS + 2, 7.0, run.of_atoms), at_once=True)
    assert (view.widget.count, view.widget.frame["caption"]) == (STEPS + 2, "0.007 ps")
    view.keep(Moment(run.system, STEPS + 2))
    assert not view.widget.live


def test_former_frames_come_from_the_data(view, run, sent):
    ask(view.widget, ask="frames", numbers=[0, 3], by="")
    there = [floats(buffers[0], -1, 3) for _, buffers in sent]
    for frame, positions in zip((0, 3), there, strict=True):
        shift = (positions - run.data()["positions"].values[frame]) @ np.linalg.inv(np.asarray(run.system.cell))
        np.testing.assert_allclose(shift, shift.round(), atol=1e-6)


def test_colours_mean_the_same_in_every_frame(view, run, sent):
    names = [colouring["name"] for colouring in view.widget.colourings]
    assert names == ["", "forces", "velocities"]
    ask(view.widget, ask="colour", by="velocities")
    slow = Moment(run.system, STEPS + 1, 6.0, run.of_atoms)
    fast = Moment(run.system, STEPS + 1, 6.0, {"velocities": 3 * run.of_atoms["velocities"]})
    for moment in (slow, fast, slow):
        view.show(moment, at_once=True)
    speeds = np.linalg.norm(run.of_atoms["velocities"], axis=1)
    np.testing.assert_allclose(floats(view.widget.values, -1), speeds, rtol=1e-6)
    scale = view.widget.frame["scale"]
    assert scale["unit"] == "Å/fs"
    assert scale["low"] < speeds.mean()
    assert scale["high"] > 2.5 * speeds.max()
    ask(view.widget, ask="frames", numbers=[0], by="velocities")
    assert sent[0][0]["told"]["scale"] == scale


def test_a_colour_that_is_not_there_changes_nothing(view, caplog):
    ask(view.widget, ask="colour", by="<b>")
    ask(view.widget, ask="colour", by=["forces"])
    assert view._viewer.by == ""
    assert len(caplog.records) == 2


def test_of_several_replicas_the_first_is_shown(argon, sent):
    run = mlip_nb.MD(steps=2, every=1, replicas=2).start(argon, mlip_nb.potential("lennard-jones")).wait()
    view = viewers.follow(
        Moment(run.system, run.frames, 0.0, run.of_atoms), "mlip", data=run.data, colours=run.workflow.colours
    )
    ask(view.widget, ask="frames", numbers=[2], by="forces")
    forces = run.data()["forces"].values[2, 0]
    np.testing.assert_allclose(floats(sent[0][1][2], -1), np.linalg.norm(forces, axis=1), rtol=1e-5)


def test_beads_of_ring_polymers_are_a_cloud_about_their_centroids(argon):
    ensemble = mlip_nb.LocalPILE(temperature=20, beads=4)
    pimd = mlip_nb.PIMD(ensemble=ensemble, timestep=2, steps=20, every=10)
    run = pimd.start(argon, mlip_nb.potential("lennard-jones")).wait()
    spread = run.spread
    assert spread.shape == (4, len(argon.numbers), 3)
    np.testing.assert_allclose(spread.mean(axis=0), 0, atol=1e-12)
    radius = np.sqrt((spread**2).sum(axis=-1).mean(axis=0))
    np.testing.assert_allclose(radius, run.data()["gyration_radius"][-1], rtol=1e-6)
    view = viewers.follow(Moment(run.system, run.frames, 40.0, run.of_atoms, spread), "mlip")
    beads, places = (floats(held, -1, len(argon.numbers), 3) for held in (view.widget.beads, view.widget.positions))
    np.testing.assert_allclose(beads - places, spread, atol=1e-5)
