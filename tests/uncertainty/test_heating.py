"""A run that is heated out of what its potential knows pauses before the forces are wrong."""

import threading

import numpy as np
import pytest

from mlip_nb.workflows import RunStatus

from .heated import Truth, committee, crystal, heating

THRESHOLD = 1.5
"""eV/Å: twice the radius that nine of ten frames at 200 K stay below."""
RUNS = 20


@pytest.mark.physics
def test_heated_runs_pause_before_the_forces_are_wrong():
    """In 18 of 20 at least, though each of them gets there, and though none pauses where it has learned."""
    layer, true = committee(), Truth()
    in_time, wrong, begun = [], [], []
    for seed in range(RUNS):
        run = heating(seed, monitor=layer, threshold=THRESHOLD, look_every=2).start(crystal(), layer.potential)
        _wait(run)
        in_time.append(bool(run.asks and true(run.data()).max() < THRESHOLD))
        begun.append(float(run.data()["time"][-1]))
        run.set(threshold=1e3)
        run.resume()
        wrong.append(bool(true(run.result()).max() > THRESHOLD))
    print(in_time, wrong, begun)
    assert sum(in_time) >= 0.9 * RUNS
    assert sum(wrong) >= 0.9 * RUNS
    assert np.median(begun) > 500


def _wait(run) -> None:
    resting = threading.Event()
    run.on_update(lambda run: resting.set() if run.status is RunStatus.PAUSED or run.status.ended else None)
    assert run.status is RunStatus.PAUSED or resting.wait(300)
