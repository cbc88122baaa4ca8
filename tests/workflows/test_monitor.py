"""Monitors: every frame is judged, an alarm is heard in time, and whoever goes on has lost nothing."""

import threading

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.uncertainty import Calibrated, ForceBalls, Power, Scale, save_uncertainty, watch
from mlip_nb.uncertainty.committee import CommitteeSpread
from mlip_nb.workflows import Run, RunStatus, workflows
from mlip_nb.workflows._monitoring import Monitoring

from .closeness import Closeness, argon, by_hand, md, potential

THRESHOLD = 0.45
UNCALIBRATED = pytest.mark.filterwarnings("ignore:this uncertainty is not calibrated")
pytestmark = UNCALIBRATED


@pytest.fixture(scope="module")
def start():
    return argon(), potential()


@pytest.fixture(scope="module")
def unwatched(start):
    return md().run(*start)


@pytest.fixture
def closeness(start):
    return Closeness(start[1])


def paused(run):
    """The run, once it rests."""
    resting = threading.Event()
    run.on_update(lambda run: resting.set() if run.status is RunStatus.PAUSED or run.status.ended else None)
    assert run.status is RunStatus.PAUSED or resting.wait(120)
    return run


def test_every_frame_is_judged_and_nothing_else_changes(start, closeness, unwatched):
    data = md(monitor=closeness, threshold=THRESHOLD, on_alarm="mark").run(*start)
    expected = [by_hand(*one) for one in zip(data["positions"].values, data["cell"].values, strict=True)]
    np.testing.assert_allclose(data["atom_uncertainty"], expected, atol=1e-12)
    np.testing.assert_allclose(data["frame_uncertainty"], np.max(expected, axis=1), atol=1e-12)
    np.testing.assert_array_equal(data["alarm"], data["frame_uncertainty"] > THRESHOLD)
    assert 0.1 < float(data["alarm"].mean()) < 0.9
    assert (data["live_threshold"] == THRESHOLD).all()
    np.testing.assert_array_equal(data["positions"], unwatched["positions"])
    assert len(data.mlip.plot().axes) == 1 + len(unwatched.mlip.plot().axes)


def test_an_alarm_pauses_within_a_look_and_whoever_goes_on_has_lost_nothing(start, closeness, unwatched):
    run = paused(md(monitor=closeness, threshold=THRESHOLD).start(*start))
    assert run.asks
    first = int(unwatched["step"][np.argmax(_largest(unwatched) > THRESHOLD)])
    assert first <= run.done <= first + 2 * 4
    assert run.verdict.light == "red"
    assert f"at step {first} (" in run.message
    assert "above the threshold of 0.45" in run.message
    run.set(threshold=5.0)
    run.resume()
    whole = run.result()
    assert whole.attrs["status"] == "finished"
    assert run.verdict.light == "green"
    np.testing.assert_array_equal(whole["positions"], unwatched["positions"])
    # What was steered is known, also where it changes nothing: a rerun is not kept waiting.
    assert set(whole["live_threshold"].values) == {THRESHOLD, 5.0}
    np.testing.assert_array_equal(whole.mlip.rerun()["positions"], unwatched["positions"])


def test_whoever_goes_on_without_a_word_is_told_at_the_next_crossing_only(start, closeness, unwatched):
    often = 0.545
    over = _largest(unwatched) > often
    crossings = int(over[0]) + int(np.sum(over[1:] & ~over[:-1]))
    assert crossings > 1
    run, alarms = md(monitor=closeness, threshold=often, look_every=1).start(*start), 0
    while not paused(run).status.ended:
        alarms += 1
        run.resume()
        while run.asks:
            pass
    assert alarms == crossings


def test_a_run_that_nobody_can_resume_ends_and_can_be_continued(start, closeness, unwatched, tmp_path):
    store = tmp_path / "watched.zarr"
    with pytest.warns(RunWarning, match="the monitor ended run 'watched.zarr'.*append"):
        part = md(monitor=closeness, threshold=THRESHOLD).run(*start, save=store)
    assert part.attrs["status"] == "stopped"
    assert "above the threshold" in part.attrs["message"]
    left = 100 - int(part.attrs["done"])
    whole = md(left, monitor=closeness, threshold=5.0).run(*start, save=store, append=True)
    assert whole.attrs["status"] == "finished"
    np.testing.assert_array_equal(whole["step"], unwatched["step"])
    assert np.isfinite(whole["atom_uncertainty"]).all()
    more = md(10).run(*start, save=store, append=True)
    assert np.isnan(more["atom_uncertainty"][-1]).all()


def test_a_function_is_called_with_the_run(start, closeness):
    heard = []
    run = md(monitor=closeness, threshold=THRESHOLD, on_alarm=lambda run, told: heard.append((run, told)))
    run = run.start(*start)
    run.result()
    assert heard[0][0] is run
    verdict = heard[0][1]
    assert verdict.value > verdict.threshold == THRESHOLD

    def fails(run, verdict):
        raise KeyError("no labeller")

    run = paused(md(monitor=closeness, threshold=THRESHOLD, on_alarm=fails).start(*start))
    assert "KeyError: 'no labeller'" in run.message
    run.stop()
    run.wait()


def test_who_goes_on_before_the_run_rests_has_answered(start, closeness):
    run = Run(md(monitor=closeness, threshold=THRESHOLD), *start)
    run.asks, run.message = True, "above"
    run.resume()
    assert not run.asks
    assert run.message == ""


def test_a_monitor_in_a_file_is_not_needed_again(tmp_path):
    """Nor is its file; a committee is known by its name."""
    spec = GauntSpec(symbols=("Ar",), degree=1, channels=2, hidden=4, radial=3, cutoff=4, precision="float64")
    members = Committee.of([spec.replace(weight_seed=seed).build() for seed in range(2)], spec.replace(members=2))
    file = save_uncertainty(CommitteeSpread().fitted(members), tmp_path / "unc.safetensors")
    told = md(monitor=str(file), threshold=1.0).resolved().describe()
    file.unlink()
    assert workflows.build(told).monitoring.monitor is None
    assert Monitoring(monitor="committee").describe()["monitor"] == "committee"


def test_a_monitor_of_the_accurate_potential_knows_it_beside_a_cheap_one(start, closeness):
    """Nobody is warned of another potential."""
    cheap = mlip_nb.LocalPILE(temperature=40, beads=2, cheap="lennard-jones", contracted_beads=1, store_beads=True)
    mlip_nb.PIMD(ensemble=cheap, steps=2, monitoring={"monitor": closeness, "threshold": 5.0}).prepare(*start)


def test_radii_are_watched_where_there_are_balls(start, closeness):
    layer = Calibrated(closeness, Scale(np.float64(4.0)), ForceBalls(3.0, 0.1, 0.9, 99))
    data = md(20, monitor=layer, threshold=100.0).run(*start)
    np.testing.assert_allclose(data["frame_radius"], 3 * (data["frame_uncertainty"] + 0.1), rtol=1e-12)
    raw = md(20, monitor=layer, threshold=100.0, watch="source").run(*start)
    np.testing.assert_allclose(data["atom_uncertainty"], 2 * raw["atom_uncertainty"], rtol=1e-12)
    assert "frame_radius" not in raw


@pytest.mark.physics
def test_replicas_and_beads_are_judged_each(start, closeness):
    system, lj = start
    data = md(20, monitor=closeness, threshold=5.0).replace(replicas=2).run(system, lj)
    assert data["atom_uncertainty"].dims == ("frame", "replica", "atom")
    for replica in (0, 1):
        one = by_hand(data["positions"].values[-1, replica], data["cell"].values[-1, replica])
        np.testing.assert_allclose(data["atom_uncertainty"][-1, replica], one, atol=1e-12)
    quantum = mlip_nb.PIMD(
        ensemble=mlip_nb.LocalPILE(temperature=40, beads=3, store_beads=True),
        steps=6,
        every=2,
        monitoring={"monitor": closeness, "threshold": 5.0},
    )
    data = quantum.run(system, lj)
    beads = data["bead_positions"].values[-1]
    expected = np.max([by_hand(bead, data["cell"].values[-1]) for bead in beads], axis=0)
    np.testing.assert_allclose(data["atom_uncertainty"][-1], expected, atol=1e-12)
    with pytest.raises(InputError, match="store_beads"):
        quantum.replace(store_beads=False).run(system, lj)


def test_what_cannot_watch_is_told_before_anything_is_compiled(start, closeness):
    with pytest.raises(InputError, match="threshold: a value is needed: the largest uncertainty .* eV/Å"):
        md(monitor=closeness).run(*start)
    with pytest.raises(InputError, match="nothing is watched; name the uncertainty"):
        md(threshold=1.0).run(*start)
    with pytest.raises(InputError, match="has no radius; calibrate it by %mlip calibrate"):
        md(monitor=closeness, threshold=1.0, watch="radius").run(*start)
    with pytest.raises(InputError, match="'unc' is no uncertainty; make one"):
        md(monitor="unc")
    with pytest.raises(InputError, match="is not there"):
        md(monitor="unc.safetensors")
    with pytest.raises(InputError, match="lennard-jones is a single potential"):
        md(monitor="committee", threshold=1.0).run(*start)


def test_an_uncertainty_that_is_not_calibrated_warns_how_to_calibrate_it(start, closeness):
    with pytest.warns(RunWarning, match="not calibrated.*%mlip calibrate DATA --potential POTENTIAL -o unc"):
        md(2, monitor=closeness, threshold=5.0).run(*start)


def test_a_calibration_that_falls_is_told(closeness):
    for exponent, told in ((0.5, ""), (-0.5, "falls while its source grows")):
        layer = Calibrated(closeness, Power(np.float64(1.0), np.float64(exponent)))
        assert told in watch(layer).remark
        assert bool(watch(layer).remark) == bool(told)


def _largest(data) -> np.ndarray:
    pairs = zip(data["positions"].values, data["cell"].values, strict=True)
    return np.array([by_hand(*one).max() for one in pairs])
