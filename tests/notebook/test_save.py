"""Trained potentials on a line: `%mlip save NAME FILE`, and `--potential FILE`."""

import json
from pathlib import Path

import pytest

from mlip_nb.errors import InputError

BUILD = """
import mlip_nb
from mlip_nb.potentials import potentials
trained = potentials["gaunt"](symbols=("Si",), channels=4, degree=2, hidden=8, precision="float64").build()
"""


@pytest.fixture
def ready(ipython):
    """A notebook with a potential, and a file of its weights."""
    ipython.run(BUILD)
    ipython.run("%mlip save trained si.safetensors --quiet")
    return ipython


def test_save_tells_path_size_and_fingerprint(ready):
    shown = ready.printed("%mlip save trained {'other'}.safetensors")
    assert shown.startswith("other.safetensors: ")
    assert f"fingerprint {ready['trained'].fingerprint[:12]}" in shown
    assert " kB, " in shown
    assert ready.printed("%mlip save {trained} si.safetensors --overwrite").startswith("si.safetensors: ")


def test_what_save_cannot_do_is_one_line(ready):
    ready.run("si = %mlip load Si --quiet\nother = mlip_nb.potential('lennard-jones')")
    ready.run("ds = %mlip md si --steps 1 --every 1 --quiet")
    refused = {
        "trained si.safetensors": "si.safetensors exists; overwrite it (--overwrite",
        "trained si.pt": "must end in .safetensors",
        "trained": "FILE: a value is needed",
        "nothing a.safetensors": "there is no variable 'nothing'; variables with potentials: ",
        "other a.safetensors": "lennard-jones is not trained",
        "ds a.safetensors": "ds holds Dataset; ds.mlip.save(PATH) writes a Dataset",
        "si a.safetensors": "si holds System; mlip_nb.to_ase(si).write(PATH) writes a structure",
        "{3} a.safetensors": "it holds int; save takes a trained potential",
    }
    for line, told in refused.items():
        assert told in ready.refuse(f"%mlip save {line}")


def test_a_shell_has_nothing_to_save():
    from mlip_nb.notebook._parser import parse
    from mlip_nb.notebook._tokens import tokenize
    from mlip_nb.notebook.commands import command_of
    from mlip_nb.notebook.session import Session

    session = Session()
    with pytest.raises(InputError, match="needs the variable of a notebook"):
        parse(command_of("save"), tokenize("trained a.safetensors"), session).execute(session)


def test_a_file_is_a_potential_wherever_one_is_named(ready):
    assert "Potential: trained for Si (the file)" in ready.printed("%mlip use si.safetensors")
    ready.run("%mlip use --quiet")
    run = "ds = %mlip md Si --steps 2 --every 1 --quiet --potential"
    for words in ("si.safetensors", "'si.safetensors'", "{'si'}.safetensors", "trained --file si.safetensors"):
        ready.run(f"{run} {words}")
        described = json.loads(ready["ds"].attrs["potential"])
        assert described == {"name": "trained", "precision": "mixed", "members": None, "file": "si.safetensors"}


def test_parameters_of_a_file_are_flags(ready):
    assert "--precision" in ready.printed("%mlip use si.safetensors --help")
    ready.run("ds = %mlip md Si --steps 2 --every 1 --quiet --potential si.safetensors --precision float64")
    assert ready["ds"].attrs["precision"] == "float64"
    assert ready["ds"].attrs["potential_fingerprint"] == ready["trained"].fingerprint


def test_a_run_with_weights_from_a_file_is_repeated(ready):
    ready.run("ds = %mlip md Si --steps 4 --every 2 --quiet --potential si.safetensors")
    assert ready.run("bool((ds.mlip.rerun()['positions'] == ds['positions']).all())")
    ready.run("trained = trained.__class__(**(vars(trained) | {'scale': 2 * trained.scale}))")
    ready.run("%mlip save trained si.safetensors --overwrite --quiet")
    assert "has changed since this Dataset was made" in ready.refuse("ds.mlip.rerun()")


def test_a_file_that_cannot_be_used_is_one_line(ready):
    assert "nowhere.safetensors is not there; give a file" in ready.refuse("%mlip use nowhere.safetensors")
    Path("junk.safetensors").write_text("junk, junk, junk")
    assert "is not a safetensors file" in ready.refuse("%mlip md Si --potential junk.safetensors")
    assert "trained covers Si; the system has C" in ready.refuse("%mlip md C --steps 1 --potential si.safetensors")


def test_files_of_weights_are_completed(ready):
    from mlip_nb.notebook._complete import complete
    from mlip_nb.notebook.session import Session

    session = Session({"trained": ready["trained"]})
    assert complete("use si", session)[1] == ["si.safetensors"]
    assert complete("save tr", session)[1] == ["trained"]
    assert complete("use si.safetensors --prec", session)[1] == ["--precision"]
