"""Defaults that users set: line > %config > project > user > built in."""

import json

import pytest
from ase.build import bulk

from mlip_nb.__main__ import main
from mlip_nb.errors import InputError
from mlip_nb.notebook._as_magic import as_magic
from mlip_nb.notebook._complete import complete
from mlip_nb.notebook._line import execute
from mlip_nb.notebook._parser import find_verb, parse
from mlip_nb.notebook._tokens import tokenize
from mlip_nb.notebook.session import Session
from mlip_nb.simulate import NPTRescaling, NVTLangevin


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Function: write the pyproject.toml above the current folder."""
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    return lambda text: (tmp_path / "project" / "pyproject.toml").write_text(text)


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Function: write the user's file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "mlip_nb").mkdir(parents=True)
    return lambda text: (tmp_path / "config" / "mlip_nb" / "config.toml").write_text(text)


NAMES = {"si": bulk("Si"), "npt": NPTRescaling(pressure=2)}


def session(config=None):
    return Session(dict(NAMES), lambda: config or {})


def read(line, config=None):
    here = session(config)
    word, *rest = tokenize(line)
    return parse(find_verb(word.text, here), rest, here)


def refusal(line, config=None):
    with pytest.raises(InputError) as caught:
        read(line, config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_nearer_source_wins(project, user):
    assert read("md si").workflow.timestep == 1
    user('[md]\ntimestep = "4fs"')
    assert read("md si").workflow.timestep == 4
    project('[tool.mlip_nb.md]\ntimestep = "3fs"')
    assert read("md si").workflow.timestep == 3
    assert read("md si", {"md": {"timestep": 2}}).workflow.timestep == 2
    assert read("md si --timestep 1", {"md": {"timestep": 2}}).workflow.timestep == 1


def test_what_is_said_of_a_verb_comes_before_what_is_said_of_all(project):
    project('[tool.mlip_nb]\nviewer = "none"\nquiet = true\n[tool.mlip_nb.view]\nviewer = "nglview"')
    assert read("md si").viewer == "none"
    assert read("view si").viewer == "nglview"
    assert read("load si").quiet
    assert not read("load si --no-quiet").quiet


def test_values_are_those_of_a_line(project):
    project(
        '[tool.mlip_nb.md]\nensemble = "npt-crescale"\ncoupling = "triclinic"\nstress = "1,2,3,0,0,1GPa"\n'
        'time = "2ps"\nrepeat = [2, 2, 2]\ncheckpoint-every = "5min"\npotential = "lennard-jones"\ncutoff = "0.6nm"'
    )
    command = read("md si")
    typed = read(
        "md si --ensemble npt-crescale --coupling triclinic --stress 1,2,3,0,0,1GPa --time 2ps --repeat 2,2,2 "
        "--checkpoint-every 5min --potential lennard-jones --cutoff 0.6nm"
    )
    assert command == typed
    assert command.workflow.model_fields_set == typed.workflow.model_fields_set


def test_defaults_of_a_part_hold_where_that_part_is_chosen(project):
    project('[tool.mlip_nb.md]\nensemble = "npt-crescale"\npressure = 1\ntemperature = 500')
    assert read("md si").workflow.ensemble == NPTRescaling(pressure=1, temperature=500)
    assert read("md si --ensemble nvt-langevin").workflow.ensemble == NVTLangevin(temperature=500)
    assert read("md si --ensemble npt").workflow.ensemble == NPTRescaling(pressure=2), "an object is what it is"


def test_a_parameter_in_place_of_another_takes_its_default_away(project, user):
    user("[md]\nsteps = 50")
    assert read("md si --time 2ps").workflow.total == 2000
    project('[tool.mlip_nb.md]\ntime = "3ps"')
    assert read("md si").workflow.total == 3000
    assert read("md si --steps 7").workflow.total == 7
    project('[tool.mlip_nb.md]\ntime = "3ps"\nsteps = 3')
    message = refusal("md si")
    assert "give steps (3) or time (3000 fs), not both" in message
    assert "pyproject.toml: tool.mlip_nb.md.time" in message


def test_a_default_can_be_taken_back(project):
    project('[tool.mlip_nb.md]\nsave = "out.zarr"')
    assert read("md si").save.name == "out.zarr"
    assert read("md si --save {None}").save is None


def test_what_a_store_recalls_is_not_overruled(project):
    project('[tool.mlip_nb.md]\ntimestep = 3\npotential = "morse"\nviewer = "none"')
    command = read("md --append --save x.zarr --steps 5")
    assert command.workflow.model_fields_set == {"steps"}
    assert (command.potential, command.viewer) == (None, "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.mlip_nb.mdd]", "pyproject.toml: tool.mlip_nb.mdd: unknown verb 'mdd'. Did you mean 'md'?"),
        ("[tool.mlip_nb.md]\ntimestp = 1", "tool.mlip_nb.md.timestp is no flag of md. Did you mean 'timestep'?"),
        ("[tool.mlip_nb]\nqiet = true", "tool.mlip_nb.qiet is no flag of any verb. Did you mean 'quiet'?"),
        ("[tool.mlip_nb.md]\nworkflow = 1", "tool.mlip_nb.md.workflow is no flag of md"),
        ("[tool.mlip_nb.md]\nstructure = 'Si'", "tool.mlip_nb.md.structure is no flag of md"),
        ("[tool.mlip_nb.md]\ntimestep = '5K'", "tool.mlip_nb.md.timestep: '5K': 'K' is no unit of time"),
        ("[tool.mlip_nb.md]\ntimestep = -5", "tool.mlip_nb.md.timestep: Input should be greater than 0 (got '-5')"),
        (
            "[tool.mlip_nb.md]\nensemble = 'nvee'",
            "tool.mlip_nb.md.ensemble: unknown ensemble 'nvee'",
        ),
        ("[tool.mlip_nb]\nviewer = 'vmd'", "tool.mlip_nb.viewer: Input should be 'mlip', 'nglview' or 'none'"),
        ("[tool]\nmlip_nb = 3", "pyproject.toml: tool.mlip_nb is no table"),
        ("[tool.mlip_nb\n", "pyproject.toml cannot be read"),
        ("[tool.mlip_nb.md]\nsteps = 2024-01-01", "tool.mlip_nb.md.steps: "),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_file(text, message, project):
    project(text)
    assert message in refusal("md si")


def test_a_file_that_is_no_text_is_one_line(user, project, tmp_path):
    (tmp_path / "config" / "mlip_nb" / "config.toml").write_bytes(b"\xff\xfe\x00")
    assert "config.toml cannot be read" in refusal("load si")


def test_a_mistake_on_the_line_is_not_the_fault_of_a_file(project):
    project("[tool.mlip_nb.md]\ntimestep = 2")
    assert refusal("md si --timestep -1").startswith("--timestep: ")


def test_help_tells_the_default_in_force_and_where_it_comes_from(project, capsys):
    project('[tool.mlip_nb.md]\ntimestep = "0.5fs"\nensemble = "nve"\nquiet = true')
    execute("md --help", session())
    shown = " ".join(capsys.readouterr().out.split())
    assert "[default 0.5fs, from " in shown
    assert "tool.mlip_nb.md.timestep]" in shown
    assert "default nve, from" in shown
    assert "--quiet, --no-quiet" in shown
    assert "--friction" not in shown


def test_completion_knows_them_and_survives_a_broken_file(project):
    project('[tool.mlip_nb.md]\nensemble = "npt-mtk"\ntimestep = 3')
    assert complete("md si --coup", session())[1] == ["--coupling"]
    assert complete("md si --timest", session())[1] == ["--timestep"], "a default is not given yet"
    project("[[[")
    assert complete("md si --timest", session())[1] == ["--timestep"]


def test_the_form_begins_with_them(project):
    project(
        '[tool.mlip_nb]\nquiet = true\nviewer = "none"\n[tool.mlip_nb.md]\ntimestep = "0.5fs"\n'
        'ensemble = "npt-crescale"\ntemperature = 450\npotential = "lennard-jones"\nsteps = 20'
    )
    here = session()
    form = execute("md --form", here)
    assert (form["workflow.timestep"].value, form["workflow.ensemble"].value) == ("0.5fs", "npt-crescale")
    assert (form["workflow.ensemble.temperature"].value, form["viewer"].value) == ("450", "none")
    form["structure"].value = "si"
    assert form.check() == read("md si")
    form["workflow.ensemble"].value = "nve"
    assert form["workflow.ensemble.temperature"].value == "450"
    form["workflow.steps"].value = ""
    form["workflow.time"].value = "1ps"
    assert form.check().workflow.total == 2000
    form["append"].value = True
    assert form.check().workflow.model_fields_set == {"ensemble", "time"}, "what was changed, and nothing else"


def test_a_form_refuses_a_bad_default_in_one_line(project):
    for text, told in (("viewer = 'vmd'", "viewer: 'vmd' is none of"), ("ensemble = 'nvee'", "unknown ensemble")):
        project(f"[tool.mlip_nb.md]\n{text}")
        with pytest.raises(InputError, match=told):
            execute("md --form", session())


LINES = [
    "md si",
    "md si --ensemble nvt-langevin --steps 5",
    "md si --timestep 1 --save {None} --no-quiet",
    "md si --time 1ps",
]


@pytest.mark.parametrize("line", [*LINES, "md si --append --save x.zarr", "md si --ensemble npt --potential morse"])
def test_a_written_line_means_the_same_with_and_without_them(line, project):
    text = (
        '[tool.mlip_nb]\nquiet = true\n[tool.mlip_nb.md]\ntimestep = 3\nensemble = "npt-crescale"\ntemperature = 500\n'
    )
    project(text + 'save = "out.zarr"\nsteps = 30\npotential = "lennard-jones"\ncutoff = 6')
    command = read(line)
    written = as_magic(command, session()).removeprefix("%mlip ")
    assert read(written) == command
    project("")
    assert read(written) == command


def test_config_sets_them_in_a_notebook(ipython):
    ipython.run("%config MlipMagics.md = {'steps': 4, 'every': 2, 'seed': 5}")
    ipython.run("%config MlipMagics.quiet = True")
    try:
        assert ipython.printed("ds = %mlip md Ar --potential lennard-jones") == ""
        assert json.loads(ipython["ds"].attrs["params"])["seed"] == ipython["ds"].attrs["seed"] == 5
        assert ipython["ds"].sizes["frame"] == 3
        assert ipython.run("%config MlipMagics.quiet") is True
        assert "%config: MlipMagics.md.seed" in " ".join(ipython.printed("%mlip md --help").split())
        ipython.run("%config MlipMagics.md = {'sead': 5}")
        assert "%config: MlipMagics.md.sead is no flag of md. Did you mean 'seed'?" in ipython.refuse("%mlip md Ar")
    finally:
        ipython.run("%config MlipMagics.md = {}")
        ipython.run("%config MlipMagics.quiet = None")


def test_config_has_a_trait_for_every_verb(ipython):
    from mlip_nb.notebook._config import MlipMagics
    from mlip_nb.notebook.commands import verbs

    assert {verb.replace("-", "_") for verb in verbs(in_notebook=True)} <= set(
        MlipMagics.class_trait_names(config=True)
    )
    assert "MlipMagics.md" in ipython.printed("%config MlipMagics")


def test_a_shell_takes_those_of_files(project, capsys):
    project("[tool.mlip_nb.load]\nrepeat = 2")
    assert main(["load", "Si"]) == 0
    assert "64 atoms" in capsys.readouterr().out
    project("[tool.mlip_nb.load]\nreapet = 2")
    assert main(["load", "Si"]) == 2
    assert capsys.readouterr().err.startswith("mlip_nb: ")
