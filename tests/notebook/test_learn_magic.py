"""`%mlip learn` in a notebook."""

import ase.io
import numpy as np
import pytest
from ase.build import bulk

from mlip_nb.system import to_ase

from ..workflows.campaigns import Slow, crystals, stand_in

TINY = "--degree 1 --channels 2 --hidden 2 --radial 2 --cutoff 3.0 --members 2"
LINE = f"%mlip learn start.xyz {TINY} --explorer rattle --structures 6 --rounds 2 --labels 3 --processes 1"


@pytest.fixture
def ready(ipython, monkeypatch):
    """A notebook beside a file of structures; what learns is replaced by sums."""
    stand_in(monkeypatch.setattr)
    ase.io.write("start.xyz", [to_ase(frame.system) for frame in crystals()], format="extxyz")
    ipython["emt"] = Slow()
    ipython["cell"] = bulk("Cu", cubic=True)
    return ipython


def test_a_potential_asks_for_labels_in_one_line(ready):
    told = ready.printed(f"pot = {LINE} --labeller emt --curve rounds --trust unc --folder kept --to cu.safetensors")
    assert "learn: finished, 2 of 2 rounds" in told
    assert "8 labelled frames" in told
    assert "cu.safetensors: " in told
    assert ready["pot"].spec.symbols == ("Cu",)
    assert ready["rounds"]["labels_used"].values.tolist() == [2, 5, 8]
    assert ready["unc"].potential.fingerprint == ready["pot"].fingerprint
    assert len(ready["rounds"].mlip.plot().axes) == 2
    assert len(ase.io.read("kept/labels.xyz", ":")) == 8
    ready.run(f"{LINE} --labeller emt --curve again --folder kept --quiet")
    np.testing.assert_array_equal(ready["again"]["explored_force_error"], ready["rounds"]["explored_force_error"])
    assert ready["emt"].asked == 8


def test_failures_are_told(ready):
    ready["bad"] = Slow(fails=(3, 4))
    assert "6 labelled frames; 2 could not be labelled, the first: RuntimeError: SCF" in ready.printed(
        f"{LINE} --labeller bad"
    )


def test_exploring_begins_where_it_is_told(ready):
    run = ready.run(f"{LINE} --labeller emt --starts cell --displacement 1e-6 --strain 0 --background --quiet")
    for frame in run.wait().product().frames[2:]:
        np.testing.assert_allclose(frame.system.positions, ready["cell"].positions, atol=1e-5)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("learn start.xyz", "who labels"),
        ("learn start.xyz --labeller emd", "unknown labeller 'emd'"),
        ("learn start.xyz --labeller emt --explorer nowhere", "unknown explorer 'nowhere'"),
        ("learn start.xyz --labeller emt --explorer pool --potential stillinger-weber", "has no weights to train"),
        ("learn start.xyz --labeller emt --append --save a.zarr", "repeat its line with the same --folder"),
        ("learn start.xyz --labeller emt --labels 0", "--labels"),
        ("learn start.xyz --labeller reference --labeller-potential nothing", "unknown potential"),
    ],
)
def test_mistakes_are_one_line(ready, line, told):
    assert told in ready.refuse(f"%mlip {line}")
