"""`%mlip md` and what goes with it, on real runs of a small crystal."""

import _thread
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ase.build import bulk
from ase.calculators.emt import EMT

from mlip_nb.errors import InputError, RunWarning
from mlip_nb.notebook.magics import _extensions
from mlip_nb.results import ZarrStore
from mlip_nb.workflows import PastRun

RUN = "--potential stillinger-weber --ensemble nvt-langevin --temperature 300 --timestep 1 --every 20 --seed 1"


@pytest.fixture
def ready(ipython):
    """The shell, with silicon loaded."""
    ipython.run("%mlip load Si -o si --quiet")
    return ipython


@pytest.fixture
def session(ipython):
    return _extensions[ipython.shell].session


def test_the_main_job(ipython):
    assert "Si" in ipython.printed("%mlip load Si --repeat 3,3,3 -o si")
    assert ipython.run(f"%mlip md si {RUN} --steps 2000 --save out.zarr -o ds") is None
    ds = ipython["ds"]
    assert (ds.sizes["frame"], ds.sizes["atom"]) == (101, len(ipython["si"].numbers))
    assert ds.attrs["status"] == "finished"
    assert 200 < float(ds["temperature"][50:].mean()) < 400
    assert int(ds["step"][-1]) == 2000
    assert Path("out.zarr").is_dir()


def test_the_dataset_is_the_value_of_the_line(ready):
    ready.run(f"ds = %mlip md si {RUN} --steps 40 --quiet")
    assert isinstance(ready["ds"], xr.Dataset)
    assert isinstance(ready.run(f"%mlip md si {RUN} --time 0.04ps --quiet"), xr.Dataset)


@pytest.mark.parametrize("structure", ["{si}", "atoms", "ds", "si.cif", "Si", "{atoms.copy()}"])
def test_a_structure_may_be_many_things(ready, structure):
    ready["atoms"] = bulk("Si", cubic=True)
    ready["atoms"].write("si.cif")
    ready.run(f"%mlip md si {RUN} --steps 20 --quiet -o ds")
    assert ready.run(f"%mlip md {structure} {RUN} --steps 20 --quiet").sizes["frame"] == 2


def test_a_store_may_be_in_the_home_folder(ready, monkeypatch):
    monkeypatch.setenv("HOME", str(Path.cwd()))
    ready.run(f"%mlip md si {RUN} --steps 20 --save ~/old.zarr --checkpoint-every 10s --quiet -o ds")
    ready.run("%mlip md --save ~/old.zarr --append --steps 20 --quiet -o ds")
    assert ready["ds"]["step"].values.tolist() == [0, 20, 40]
    assert Path("old.zarr").is_dir()


def test_a_store_without_frames_says_how_to_begin_anew(ready):
    ready.run(f"%mlip md si {RUN} --steps 20 --quiet -o ds")
    ZarrStore.create("old.zarr", {}, ready["ds"].attrs).close()
    with pytest.raises(
        InputError, match=r"^old\.zarr has no frame, its run ended before the first; name the structure"
    ):
        ready.run("%mlip md --save old.zarr --append")
    ready.run("%mlip md si --save old.zarr --append --quiet -o again")
    xr.testing.assert_equal(ready["again"], ready["ds"])


def test_a_dataset_goes_on_with_its_velocities(ready):
    first = ready.run(f"%mlip md si {RUN} --steps 20 --quiet -o ds")
    first = ready["ds"]
    second = ready.run("%mlip md ds --potential stillinger-weber --ensemble nve --steps 20 --quiet")
    xr.testing.assert_allclose(
        first["velocities"][-1].drop_vars(["step", "time"]), second["velocities"][0].drop_vars(["step", "time"])
    )


def test_the_potential_is_the_line_s_or_the_notebook_s_or_told(ready, capsys):
    shown = ready.printed("%mlip md si --steps 1")
    assert "Potential: mlip-Si for Si" in shown
    ready["mine"] = EMT()
    ready["al"] = bulk("Al", cubic=True)
    ready.run("%mlip use mine")
    data = ready.run("%mlip md al --steps 1 --every 1 --quiet")
    assert "EMT" in data.attrs["potential"]
    ready.run("%mlip use")
    ready.run("ds = %mlip md al --potential mine --steps 1 --every 1 --quiet")
    assert "EMT" in ready["ds"].attrs["potential"]


def test_parameters_of_the_potential_are_flags(ready):
    ready["ar"] = bulk("Ar", "fcc", 5.3, cubic=True) * (2, 2, 2)
    data = ready.run(
        "%mlip md ar --potential lennard-jones --epsilon 0.01 --sigma 3.4 --cutoff 6 --steps 2 --every 1 --quiet"
    )
    assert '"epsilon": 0.01' in data.attrs["potential"]


def test_bad_input_is_refused_in_a_line_and_the_store_is_kept(ready):
    ready.run(f"%mlip md si {RUN} --steps 40 --save kept.zarr --quiet")
    cases = {
        f"%mlip md si {RUN} --steps 40 --save kept.zarr": "--overwrite",
        "%mlip md si --temperature -5": "--temperature: -5 K is out of bounds; give positive values",
        "%mlip md si --timestep 0": "--timestep: Input should be greater than 0",
        "%mlip md si --steps 0": "--steps: Input should be greater than 0",
        "%mlip md si --steps 10 --time 1ps": "not both",
        "%mlip md nothing_there": "nothing_there",
        "%mlip md": "STRUCTURE: a value is needed",
        "%mlip md si --ensemble npt": "unknown ensemble 'npt'",
        "%mlip md si --epsilon 1": "--epsilon belongs to --potential",
        "%mlip md si --append": "name it with --save",
    }
    for line, message in cases.items():
        assert message in ready.refuse(line), line
    assert ready.run("%mlip attach kept.zarr --quiet").sizes["frame"] == 3


def test_ctrl_c_keeps_what_was_computed(ready, session):
    def interrupt():
        while not any(
            run.name == "long" and len(run.series.get("temperature", ())) > 1 for run in session.runs.values()
        ):
            time.sleep(0.05)
        _thread.interrupt_main()

    threading.Thread(target=interrupt, daemon=True).start()
    ready.run(f"%mlip md si {RUN} --steps 100000000 --save long.zarr --name long --quiet -o ds")
    assert ready["ds"].attrs["status"] == "stopped"
    assert ready["ds"].sizes["frame"] > 1


def test_a_run_in_the_background_is_listed_stopped_and_attached(ready, session):
    ready.run(f"run = %mlip md si {RUN} --steps 100000000 --save back.zarr --background --quiet")
    assert not ready["run"].status.ended
    assert "back.zarr" in repr(ready.run("%mlip runs"))
    assert "is still" in ready.refuse(f"%mlip md si {RUN} --save back.zarr --overwrite")
    assert ready.run("%mlip attach back.zarr --quiet") is ready["run"]
    assert "stopped after step" in ready.printed("%mlip stop back.zarr")
    assert ready["run"].status == "stopped"


def test_after_a_restart_runs_are_found_on_disk_and_go_on(ready, session):
    ready.run(f"%mlip md si {RUN} --steps 40 --save old.zarr --quiet")
    session.runs.clear()
    assert "finished" in repr(ready.run("%mlip runs"))
    assert "--append" in ready.printed("ds = %mlip attach old.zarr")
    ready["ds"].mlip.save("copy.zarr")
    assert "no checkpoint, so %mlip md copy.zarr begins anew" in ready.printed("ds = %mlip attach copy.zarr")
    ready.run("%mlip md --save old.zarr --append --steps 60 --quiet -o ds")
    assert ready["ds"]["step"].values.tolist() == [0, 20, 40, 60, 80, 100]
    straight = ready.run(f"%mlip md si {RUN} --steps 100 --quiet")
    xr.testing.assert_equal(ready["ds"]["positions"].load().drop_attrs(), straight["positions"].load().drop_attrs())


def test_what_was_steered_stays_so_when_a_run_goes_on(ready):
    ready.run(f"run = %mlip md si {RUN} --steps 100000000 --save warm.zarr --background --quiet")
    ready["run"].set(temperature=450)
    ready["run"].on_update(lambda run: run.stop() if run.live["temperature"] == 450 and run.frames > 3 else None)
    steered = ready["run"].wait().result().attrs["steering"]
    ready.run("%mlip md --save warm.zarr --append --steps 40 --quiet -o ds")
    assert ready["ds"].attrs["steering"] == steered
    assert float(ready["ds"]["live_temperature"][-1]) == pytest.approx(450)
    ready.run("%mlip md --save warm.zarr --append --steps 40 --ensemble nvt-langevin --temperature 500 --quiet -o ds")
    assert float(ready["ds"]["live_temperature"][-1]) == pytest.approx(500)


def test_a_run_that_was_stopped_or_killed_goes_on_to_its_planned_end(ready, session):
    whole = ready.run(f"%mlip md si {RUN} --steps 20000 --quiet")
    for name, end in (("stopped.zarr", "stopped"), ("killed.zarr", "killed")):
        ready.run(f"run = %mlip md si {RUN} --steps 20000 --save {name} --background --quiet")
        ready["run"].on_update(lambda run: run.stop())
        assert 0 < ready["run"].wait().done < 20000
        session.runs.clear()
        if end == "killed":
            forget_the_end(name)
        assert end in repr(ready.run("%mlip runs"))
        assert f"%mlip attach {name} --resume goes on to step 20000" in ready.printed(f"ds = %mlip attach {name}")
        ready.run(f"%mlip attach {name} --resume --quiet -o ds")
        assert ready["ds"].attrs["status"] == "finished"
        for variable in ("step", "positions", "velocities", "conserved"):
            np.testing.assert_array_equal(ready["ds"][variable], whole[variable])
    session.runs.clear()
    assert "killed.zarr is finished; %mlip md --save" in ready.refuse("%mlip attach killed.zarr --resume")
    assert "has none" in ready.refuse("%mlip attach nothing.zarr --resume")


def forget_the_end(store):
    """As a writer leaves it that is killed."""
    root = Path(store) / "zarr.json"
    told = json.loads(root.read_text())
    told["attributes"] |= {"status": "running", "message": ""}
    root.write_text(json.dumps(told))


def test_the_panel_of_a_run_in_a_store_shows_what_that_of_the_run_did(ready):
    ready.run(f"run = %mlip md si {RUN} --steps 60 --save shown.zarr --background --quiet")
    run = ready["run"].wait()
    past = PastRun(Path("shown.zarr"), run.result().mlip.system())
    assert (past.name, past.status, past.done, past.total) == (run.name, run.status, run.done, run.total)
    assert (past.about, past.live, past.frames) == (run.about, run.live, run.frames)
    assert past.plots() == run.plots()
    for name, values in run.series.items():
        np.testing.assert_array_equal(past.series[name], values)
    for name, values in run.of_atoms.items():
        np.testing.assert_array_equal(past.of_atoms[name], values)
    with pytest.raises(InputError, match="--resume"):
        past.pause()


def test_a_run_that_explodes_gives_its_data(ready):
    with pytest.warns(RunWarning):
        ready.run(f"%mlip md si {RUN.replace('--timestep 1', '--timestep 40')} --steps 4000 --quiet -o ds")
    assert ready["ds"].attrs["status"] == "failed"


def test_plot_and_view(ready):
    ready.run(f"%mlip md si {RUN} --steps 40 --save seen.zarr --quiet -o ds")
    ready.run("%mlip plot ds --save run.png")
    assert Path("run.png").stat().st_size > 1000
    assert "is no Dataset" in ready.refuse("%mlip plot nowhere")
    assert ready.run("%mlip view ds --colour forces").count == ready["ds"].sizes["frame"]
    assert ready.run("%mlip view ds --viewer nglview").max_frame == ready["ds"].sizes["frame"] - 1
    assert ready.run("%mlip view si").title.startswith("Si")
    assert "unknown colouring 'heat'" in ready.refuse("%mlip view ds --colour heat")
    assert "a structure has no variable 'forces'" in ready.refuse("%mlip view si --colour forces")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["md", "Si", "--repeat", "1,1,1", *RUN.split(), "--steps", "40", "--save", "out.zarr"],
            0,
            "3 frames in out.zarr",
        ),
        (["md", "Si"], 2, "--save"),
        (["md", "Si", "--save", "x.zarr", "--temperature", "-1"], 2, "--temperature: -1 K is out of bounds"),
    ],
)
def test_the_same_verbs_in_a_shell(arguments, code, told, tmp_path, repository, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(repository))
    done = subprocess.run([sys.executable, "-m", "mlip_nb", *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert told in done.stdout + done.stderr
    assert code == 0 or len(done.stderr.strip().splitlines()) == 1


def test_stores_of_earlier_versions_go_on(ready, monkeypatch):
    """They have no live values."""
    with monkeypatch.context() as earlier:
        earlier.setattr("mlip_nb.workflows._live_values.LiveValues.at", lambda self, steps: {})
        ready.run(f"%mlip md si {RUN} --steps 40 --save old.zarr --quiet")
    ready.run("%mlip md --save old.zarr --append --steps 40 --quiet -o ds")
    assert ready["ds"]["step"].values.tolist() == [0, 20, 40, 60, 80]
    assert "live_temperature" not in ready["ds"]


def test_whatever_is_in_a_store_its_data_are_given(ready):
    ready.run(f"%mlip md si {RUN} --steps 20 --save 'a {{1}} b.zarr' --quiet -o ds")
    ready["ds"][["temperature"]].mlip.save("part.zarr")
    assert "finished" in ready.printed("part = %mlip attach part.zarr")
    assert set(ready["part"].data_vars) == {"temperature"}
    strange = ready["ds"].copy()
    strange.attrs["potential"] = "[]"
    strange.mlip.save("strange.zarr")
    assert "how it was made is not known" in ready.printed("strange = %mlip attach strange.zarr")
    assert ready["strange"].sizes["frame"] == 2
    assert "--append" in ready.printed("again = %mlip attach 'a {1} b.zarr'")


def test_a_store_without_its_folder_of_the_run_hides_no_other(ready):
    ready.run(f"%mlip md si {RUN} --steps 20 --save whole.zarr --quiet")
    ready.run(f"%mlip md si {RUN} --steps 20 --save half.zarr --quiet")
    forget_the_end("half.zarr")
    shutil.rmtree("half.zarr/run")
    assert "whole.zarr" in repr(ready.run("%mlip runs"))
