"""`%mlip examine`, `train`, `evaluate` in a notebook."""

import ase.io
import numpy as np
import pytest

from mlip_nb.learn import read_frames
from mlip_nb.system import to_ase

from ..learn.teacher import frames_of_silicon

TINY = "--degree 1 --channels 4 --hidden 8 --radial 4 --cutoff 3.8 --optimiser adam --epochs 3"


@pytest.fixture
def ready(ipython):
    """A notebook beside a file of frames, with the same frames in a variable."""
    made = []
    for frame in frames_of_silicon(10):
        atoms = to_ase(frame.system)
        atoms.info["energy"] = frame.energy
        atoms.arrays["forces"] = frame.forces
        made.append(atoms)
    ase.io.write("si.xyz", made, format="extxyz")
    ipython["atoms"] = ase.io.read("si.xyz", ":")
    return ipython


def test_the_doctor_looks_at_a_file(ready):
    report = ready.run("%mlip examine si.xyz")
    assert report.summary.frames == 10


@pytest.mark.physics
def test_a_potential_is_trained_saved_judged_and_used(ready):
    told = ready.printed(f"pot = %mlip train si.xyz {TINY} --members 2 --curve curve --to si.safetensors")
    assert "10 frames, 80 atoms" in told
    assert "train: finished, 3 of 3 epochs" in told
    assert "si.safetensors: " in told
    assert ready["pot"].spec.members == 2
    assert ready["curve"].sizes["frame"] == 3
    table = ready.printed("judged = %mlip evaluate si.xyz pot si.safetensors stillinger-weber")
    assert "stillinger-weber" in table
    assert ready["judged"]["potential"].values.tolist() == ["pot", "si", "stillinger-weber"]
    values = ready["judged"]["force_rmse"].values
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    ready.run("ds = %mlip md Si --potential pot --steps 2 --every 1 --quiet")
    assert ready["ds"].sizes["frame"] == 3


@pytest.mark.physics
def test_a_training_goes_on_from_its_store(ready):
    ready.run(f"%mlip train si.xyz {TINY} --save t.zarr --quiet")
    assert "all 3 epochs in t.zarr are done" in ready.refuse("%mlip train si.xyz --save t.zarr --append")
    ready.run("more = %mlip train si.xyz --save t.zarr --append --epochs 2 --curve curve --quiet")
    assert ready["curve"]["epoch"].values.tolist() == [1, 2, 3, 4, 5]
    assert ready["more"].spec.channels == 4


@pytest.mark.physics
def test_the_last_layer_alone_is_fitted_in_one_epoch(ready):
    told = ready.printed(f"pot = %mlip train si.xyz {TINY} --linear --members 2 --curve curve")
    assert "1 of 1 epochs" in told
    assert ready["curve"]["ridge"].dims == ("frame", "member")
    assert (ready["curve"]["left_out_loss"] > 0).all()
    first = ready.run(f"%mlip train si.xyz {TINY} --linear-first --members 2 --rate 1e-9 --decay 0 --quiet")
    np.testing.assert_allclose(first.members.readout, ready["pot"].members.readout, atol=1e-6)


@pytest.mark.physics
def test_a_trained_potential_is_tuned_for_a_new_element(ready):
    ready.run(f"pot = %mlip train si.xyz {TINY} --quiet")
    ready.run(
        "alloy = [a.copy() for a in atoms]\nfor a, b in zip(alloy, atoms):\n    a.calc = b.calc; a.symbols[0] = 'Ge'"
    )
    line = "tuned = %mlip train alloy --from pot --freeze *.mixing,first.network.inner --replay si.xyz --epochs 2"
    told = ready.printed(f"{line} --replay-share 0.3 --optimiser adam")
    assert "new to gaunt: Ge, beginning as the mean of its elements" in told
    assert "14 frames, 112 atoms" in told
    tuned, pot = ready["tuned"], ready["pot"]
    assert tuned.spec.symbols == ("Si", "Ge")
    assert (tuned.first.network.inner == pot.first.network.inner).all()
    assert (tuned.first.invariants.mixing[..., :4] == pot.first.invariants.mixing).all()
    assert not (tuned.readout[:, 0] == pot.readout[:, 0]).all()
    assert "freeze: no weights are called 'nothing'" in ready.refuse("%mlip train si.xyz --from pot --freeze nothing")


@pytest.mark.physics
def test_starts_are_compared_by_how_much_data_they_need(ready):
    ready.run(f"pot = %mlip train si.xyz {TINY} --quiet")
    told = ready.printed("data = %mlip learning-curve si.xyz pot --sizes 2,6 --epochs 2 --validation 0.3")
    assert "6 frames, scratch: " in told
    data = ready["data"]
    assert data["learned_force_rmse"].dims == ("potential", "size")
    assert data["potential"].values.tolist() == ["pot", "scratch"]
    assert np.isfinite(data["learned_energy_rmse"]).all()
    assert len(data.mlip.plot().axes) == 2
    assert "sizes: 9 frames to learn from; there are 7" in ready.refuse(
        "%mlip learning-curve si.xyz pot --sizes 2,9 --validation 0.3"
    )


@pytest.mark.physics
def test_a_training_in_the_background_gives_its_run(ready):
    assert "%mlip save {run.product()}" in ready.refuse("%mlip train si.xyz --background --to si.safetensors")
    run = ready.run(f"%mlip train si.xyz {TINY} --background --quiet")
    assert run.wait().product().spec.symbols == ("Si",)


def test_two_potentials_of_one_name_are_counted(ready):
    ready.run("import mlip_nb\nboth = [mlip_nb.potential('stillinger-weber')] * 2")
    judged = ready.run("%mlip evaluate si.xyz stillinger-weber {both[0]} tersoff --quiet")
    assert judged["potential"].values.tolist() == ["stillinger-weber-1", "stillinger-weber-2", "tersoff"]
    single = ready.run("%mlip evaluate si.xyz {both[0]} --quiet")
    assert single["potential"].values.tolist() == ["stillinger-weber"]


@pytest.mark.physics
def test_atoms_in_a_variable_are_data_too(ready):
    pot = ready.run(f"%mlip train atoms {TINY} --quiet")
    assert pot.spec.symbols == ("Si",)
    assert pot.spec.members == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("train nothing.xyz", "nothing.xyz"),
        ("train si.xyz --potential stillinger-weber", "has no weights to train"),
        ("train si.xyz --forces-key nonsense", "nonsense"),
        ("train si.xyz --rate -1", "--rate"),
        ("train si.xyz --to si.pt", "must end in .safetensors"),
        ("train si.xyz --to none/si.safetensors", "none is no folder"),
        ("train", "DATA: a value is needed"),
        ("evaluate si.xyz", "POTENTIAL"),
        ("evaluate si.xyz atoms", "is no potential"),
        ("evaluate si.xyz unknown", "unknown potential"),
    ],
)
def test_mistakes_are_one_line(ready, line, told):
    assert told in ready.refuse(f"%mlip {line}")


def test_frames_and_files_are_the_same(ready):
    assert len(read_frames(ready["atoms"])) == len(read_frames("si.xyz")) == 10


def test_a_shell_prints_what_the_doctor_says(repository, capsys):
    from mlip_nb.__main__ import main

    assert main(["examine", str(repository / "tutorials" / "silicon_test.xyz.gz")]) == 0
    assert "frames" in capsys.readouterr().out
