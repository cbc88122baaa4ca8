"""Several structures and potentials of one line."""

import numpy as np
import pytest
import xarray as xr

import mlip_nb
from mlip_nb.errors import InputError, StorageError
from mlip_nb.notebook._as_python import as_python
from mlip_nb.notebook._parser import parse
from mlip_nb.notebook._tokens import tokenize
from mlip_nb.notebook.commands._static import StaticCommand
from mlip_nb.notebook.commands.neb import RunNEB
from mlip_nb.notebook.session import Session

from ..workflows.sets import Cohesion, crystals

LINE = "one,two --potential soft,lennard-jones"


class RunCohesion(StaticCommand):
    """A verb that costs nothing."""

    registered_name = "cohesion"
    workflow: Cohesion

    def _tell(self, data, session):
        self.say("a single one")


@pytest.fixture(scope="module")
def session():
    argon = {name: mlip_nb.load("Ar", primitive=True, repeat=(n, 1, 1)) for name, n in (("one", 1), ("two", 2))}
    soft = mlip_nb.potential("lennard-jones", epsilon=0.005, sigma=3.4, cutoff=6.0)
    return Session(
        {
            **argon,
            "crystals": {**argon},
            "soft": soft,
            "pots": [soft, soft],
            "copper": crystals()["one"],
            "krypton": mlip_nb.load("Kr", primitive=True),
        }
    )


def run(line, session, verb=RunCohesion):
    return parse(verb, tokenize(line), session).execute(session)


@pytest.fixture(scope="module")
def found(session):
    return run(f"{LINE} --quiet", session)


def test_a_line_over_structures_and_potentials_is_one_dataset(found, session, capsys):
    assert found["structure"].values.tolist() == ["one", "two"]
    assert found["potential"].values.tolist() == ["soft", "lennard-jones"]
    for name in ("one", "two"):
        alone = run(f"{name} --potential soft --no-plot", session)
        xr.testing.assert_equal(found.mlip.item(structure=name, potential="soft"), alone)
    assert capsys.readouterr().out == "a single one\n" * 2
    run(f"{LINE} --no-plot", session)
    told = capsys.readouterr().out
    assert "4 of 4: two, lennard-jones" in told
    assert "equilibrium energy (eV/atom)" in told


def test_lists_and_dicts_of_the_notebook_will_do(found, session):
    named = run("crystals --potential pots --quiet", session)
    assert named["structure"].values.tolist() == ["one", "two"]
    assert named["potential"].values.tolist() == ["lennard-jones-0", "lennard-jones-1"]
    listed = run("{[one, two]} --potential {['lennard-jones']} --quiet", session)
    assert listed["structure"].values.tolist() == ["Ar", "Ar2"]
    expected = found["potential_energy"].sel(potential=["lennard-jones"])
    np.testing.assert_array_equal(listed["potential_energy"], expected)


def test_a_set_and_a_single_one_are_saved(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in (LINE, "one --potential soft"):
        data = run(f"{line} --quiet --save here.zarr --overwrite", session)
        xr.testing.assert_identical(mlip_nb.open("here.zarr").compute(), data)
    with pytest.raises(StorageError, match="exists already"):
        run(f"{LINE} --save here.zarr", session)


def test_one_potential_for_all_structures_is_chosen_by_all_their_elements(session, capsys):
    data = run("one,krypton --no-plot", session)
    assert "Potential: lennard-jones for Ar, Kr" in capsys.readouterr().out
    assert data["equilibrium_energy"].dims == ("structure",)
    with pytest.raises(InputError, match="no potential is the default for Ar with Cu"):
        run("one,copper", session)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("one,one --potential soft", "STRUCTURE: 'one' is given twice; give each once, or a dict with names"),
        ("one --potential soft,soft", "--potential: 'soft' is given twice"),
        ("one,two --potential stillinger-weber", "one: stillinger-weber covers"),
        ("one,nothing --potential soft", "'nothing'"),
        ("one --potential soft,nothing", "unknown potential 'nothing'"),
        ("{[]} --potential soft", "an empty list is no System"),
        ("one --potential {[]}", "an empty list is no AbstractPotential"),
        ("one --potential crystals", "holds System, which is no potential"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(session, line, message):
    with pytest.raises(InputError, match=message):
        run(line, session)


def test_paths_take_sets_too(session):
    command = parse(RunNEB, tokenize("one,two --end two,one --potential soft"), session)
    assert "end = [*{'two': mlip_nb.load(two), 'one': mlip_nb.load(one)}.values()]" in as_python(command, session)
    with pytest.raises(InputError, match="^2 paths begin and 1 end"):
        run("one,two --end one --potential soft", session, RunNEB)


@pytest.mark.parametrize("line", [LINE, "crystals --potential pots", "one,krypton", "one --potential soft"])
def test_the_python_of_a_line_gives_the_same(session, line):
    command = parse(RunCohesion, tokenize(f"{line} --quiet"), session)
    names = dict(session.namespace)
    exec(as_python(command, session), names)
    xr.testing.assert_equal(names["ds"], command.execute(session))


def test_a_dataset_is_one_structure(found, session):
    """And no dict, though it looks like one."""
    session.namespace["at_rest"] = found.mlip.item(structure="two", potential="soft")
    again = run("at_rest --potential soft --quiet", session)
    np.testing.assert_array_equal(again["forces"], session.namespace["at_rest"]["forces"])
    session.namespace["several"] = found
    with pytest.raises(InputError, match="this is a set of Datasets; choose one by"):
        run("several --potential soft", session)
