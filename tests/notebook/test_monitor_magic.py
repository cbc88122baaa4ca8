"""`--monitor` in a line: a cell that does not wait for ever, `%mlip resume`, and uncertainties in files."""

import json

import numpy as np
import pytest

from mlip_nb.errors import RunWarning
from mlip_nb.workflows import RunStatus

from ..workflows.closeness import Closeness, argon, potential

LINE = (
    "%mlip md ar --potential lj --temperature 1->120 --friction 5 --timestep 4 --every 2 --steps 100 --monitor unc "
    "--look-every 4 --threshold 0.45 --quiet"
)


@pytest.fixture
def ready(ipython):
    """Argon, and an uncertainty that grows while it warms up."""
    ipython["ar"], ipython["lj"] = argon(), potential()
    ipython["unc"] = Closeness(ipython["lj"])
    return ipython


@pytest.mark.filterwarnings("ignore:this uncertainty is not calibrated")
def test_a_cell_ends_at_an_alarm_and_the_run_goes_on_when_it_is_told_to(ready):
    with pytest.warns(RunWarning, match="md rests: the uncertainty of atom .*above the threshold.* %mlip resume md"):
        ready.run(f"{LINE} -o part")
    part = ready["part"]
    assert part["alarm"].values.any()
    assert int(part["step"][-1]) < 100
    assert "paused" in ready.printed("print(get_ipython().run_line_magic('mlip', 'runs'))")
    run = ready.run("%mlip resume md --threshold 5 --quiet")
    assert run.wait(120).status is RunStatus.FINISHED
    np.testing.assert_array_equal(run.data()["positions"][: part.sizes["frame"]], part["positions"])
    assert "md is finished" in ready.refuse("%mlip resume md")


@pytest.mark.filterwarnings("ignore:this uncertainty is not calibrated")
def test_what_a_line_says_of_a_monitor(ready):
    line = LINE.replace("0.45", "0.1").replace("--steps 100", "--steps 4")
    ready.run(f"{line} --on-alarm mark -o data")
    told = json.loads(ready["data"].attrs["params"])["monitoring"]
    assert told["monitor"] is None
    assert ready["data"]["alarm"].values.all()
    ready["heard"] = []
    ready.run("def hear(run, verdict): heard.append(verdict)")
    ready.run(f"{line} --on-alarm {{hear}}")
    assert len(ready["heard"]) == 1
    assert "callable" in ready.refuse(f"{line} --on-alarm nothing")
    assert "'ar' holds System, not a uncertainty" in ready.refuse(line.replace("--monitor unc", "--monitor ar"))
    assert "nothing is watched" in ready.refuse("%mlip md ar --potential lj --steps 4 --threshold 1")


@pytest.mark.physics
def test_the_model_error_of_a_run_is_a_table(ready):
    ready.run(
        "from mlip_nb.potentials.gaunt import Committee, GauntSpec\n"
        "spec = GauntSpec(symbols=('Ar',), degree=1, channels=2, hidden=4, radial=3, cutoff=4, precision='float64')\n"
        "members = Committee.of([spec.replace(weight_seed=k).build() for k in range(3)], spec.replace(members=3))\n"
        "%mlip md ar --potential lj --temperature 60 --steps 40 --every 4 --quiet -o run"
    )
    told = ready.printed("%mlip model-error run --potential members --observables volume -o found")
    assert "model error" in told
    assert ready["found"]["estimator"].values.tolist() == ["potential energy", "volume"]
    assert float(ready["found"].sel(estimator="volume")["total_error"]) == pytest.approx(0, abs=1e-9)
    assert "is a single potential" in ready.refuse("%mlip model-error run")
