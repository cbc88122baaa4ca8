"""`%mlip pimd`: quantum nuclei in one line."""

import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.notebook.panels.run_panel import RunPanel
from mlip_nb.properties import average

from ..path_integrals.rings import Polynomial, scattered


@pytest.mark.physics
def test_quantum_silicon_in_one_line(ipython):
    ipython.run("%mlip load Si -o si --quiet")
    line = "%mlip pimd si --potential stillinger-weber --temperature 300 --steps 20 --every 10 --seed 1"
    told = ipython.printed(f"{line} --beads auto --save run.zarr -o ds")
    assert "16 beads: the stiffest vibration (17.8 THz, 2.9 kT) then has -0.35% of its energy" in told
    assert '"beads": 16' in ipython["ds"].attrs["params"]
    ipython.run("%mlip pimd --append --save run.zarr --steps 20 -o more --quiet")
    assert ipython["more"].sizes["frame"] == 5
    assert '"beads": 16' in ipython["more"].attrs["params"]
    assert "atom_kinetic_energy" in ipython["more"]


@pytest.mark.physics
def test_a_cheap_potential_beside_the_accurate_one(ipython):
    """Its parameters are flags, too, and the Dataset says what was done."""
    pair = "%mlip pimd Ar --potential lennard-jones --cheap lennard-jones"
    told = ipython.printed(f"{pair} --help")
    assert all(name in told for name in ("--cheap-style", "--potential-style", "--contracted-beads"))
    line = f"{pair} --cheap-style shifted --temperature 30 --beads 2 --contracted-beads 1 --inner-steps 2"
    ipython.run(f"{line} --steps 2 --every 1 --quiet -o ds")
    assert ipython["ds"].status == "finished"
    assert '"inner_steps": 2' in ipython["ds"].attrs["params"]
    with pytest.raises(InputError, match="name the cheap one as cheap"):
        ipython.run("%mlip pimd Ar --inner-steps 2")


def test_ensembles_of_ring_polymers_are_offered(ipython):
    told = ipython.printed("%mlip pimd --help")
    assert all(
        name in told
        for name in ("pile-l", "pile-g", "npt-pile", "rpmd", "trpmd", "pa-cmd", "--beads", "--heat-capacity")
    )
    with pytest.raises(InputError, match="nvt-langevin"):
        ipython.run("%mlip pimd Si --ensemble nvt-langevin")


def test_what_beads_are_not_is_said_before_anything_is_relaxed(ipython):
    ipython["wells"], ipython["well"] = scattered(2), Polynomial((0.0, 0.0, 0.5), 3.0)
    assert "--beads: Input should be greater than or equal to 1, or 'auto' (got '0')" in ipython.refuse(
        "%mlip pimd wells --potential well --beads 0"
    )
    line = "%mlip pimd wells --potential well --beads auto --isotopes 30 --action suzuki-chin"
    assert "leave out the action of fourth order" in ipython.refuse(line)


@pytest.mark.physics
def test_convergence_with_beads_in_one_line(ipython):
    """A table, a verdict, a picture and a Dataset; runs stay in the folder."""
    ipython["wells"], ipython["well"] = scattered(2), Polynomial((0.0, 0.0, 0.5), 3.0)
    line = "%mlip pimd wells --potential well --steps 100 --every 2 --beads 4 --convergence --no-panel"
    told = ipython.printed(f"{line} --save runs -o limit")
    assert [row.split()[0] for row in told.splitlines() if "±" in row] == ["2", "4", "many"]
    assert "2 points cannot tell whether they follow 1/P^2" in told
    assert ipython["limit"]["bead_limit"].attrs["units"] == "eV"
    again = ipython.printed(f"{line} --save runs --append -o same")
    assert "steps" not in again
    assert (ipython["same"]["bead_mean"] == ipython["limit"]["bead_mean"]).all()
    for wrong, message in (
        (line.replace("--convergence", "--bead-numbers 4,8"), "--bead-numbers are for --convergence"),
        (f"{line} --background", "not one in the background"),
        ("%mlip pimd --convergence --append --save runs", "STRUCTURE: a value is needed"),
    ):
        with pytest.raises(InputError, match=message):
            ipython.run(wrong)


def test_error_split_in_one_line(ipython):
    """A row for each number of beads, whose parts add up to the sum, and a Dataset."""
    ipython["one"] = scattered(1)
    ipython["well"], ipython["stiff"] = (Polynomial((0.0, 0.0, 0.5), quanta) for quanta in (3.0, 4.0))
    told = ipython.printed("%mlip error-split one well stiff --bead-numbers 4,8 -o split")
    rows = [row.split() for row in told.splitlines() if "+" in row]
    assert [int(row[1]) for row in rows] == [4, 8]
    for row in rows:
        assert float(row[2]) + float(row[3]) == pytest.approx(float(row[4]), abs=2e-3)
    assert ipython["split"]["curvature_error"].sizes == {"potential": 1, "estimator": 3, "bead_count": 2}
    with pytest.raises(InputError, match="give the reference and one more potential"):
        ipython.run("%mlip error-split one well")


def test_the_panel_tells_means_of_estimators_with_their_errors():
    """Those of the Dataset, the first fifth left out; none where a trace is looked at for what it does."""
    well = Polynomial((0.0, 0.0, 0.5), 3.0)
    run = mlip_nb.PIMD(ensemble=mlip_nb.LocalPILE(beads=4), steps=100, every=2).start(scattered(2), well).wait()
    panel = RunPanel(run)
    panel.refresh()
    labels = [label for plot in panel.plots for label in plot["traces"]]
    told = dict(zip(labels, panel.averages, strict=True))
    found = average(run.result()["kinetic_energy"].values[10:] * 1e3 / 2)
    assert told["virial"] == pytest.approx([found.mean, found.error])
    assert [label for label, one in told.items() if one] == ["virial", "primitive"]
