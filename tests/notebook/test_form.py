"""Forms are made from the same declarations as flags, and driven here by setting values."""

import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.notebook._form import form
from mlip_nb.notebook._line import execute
from mlip_nb.notebook.commands import commands
from mlip_nb.notebook.commands.md import RunMD
from mlip_nb.notebook.session import Session
from mlip_nb.path_integrals import LocalPILE
from mlip_nb.workflows import MD


@pytest.fixture
def taken():
    """What the button handed over."""
    return []


@pytest.fixture
def md_form(taken):
    return form(MD, taken.append)


def test_an_untouched_form_gives_the_defaults_and_marks_nothing_as_given(md_form, taken):
    md_form.button.click()
    assert taken == [MD()]
    assert taken[0].model_fields_set == set()


def test_boxes_know_units_docs_and_defaults(md_form):
    assert md_form["timestep"].value == "1"
    assert md_form["timestep"].tooltip == next(field.doc for field in MD.fields() if field.name == "timestep")
    assert md_form["ensemble"].value == "nvt-langevin"
    assert md_form["ensemble.engine"].options == (("fused", "fused"), ("jax-md", "jax-md"))


def test_values_may_carry_units(md_form, taken):
    md_form["time"].value = "2ps"
    md_form["ensemble.temperature"].value = "450 K"
    md_form.button.click()
    assert (taken[0].time, taken[0].ensemble.temperature) == (2000.0, 450.0)


def test_a_menu_switches_the_fields_of_its_part(md_form, taken):
    md_form["ensemble"].value = "nve"
    with pytest.raises(KeyError):
        md_form["ensemble.friction"]
    md_form["ensemble.temperature"].value = "600"
    md_form.button.click()
    assert taken[0].ensemble.registered_name == "nve"
    assert taken[0].ensemble.temperature == 600.0


def test_a_mistake_is_told_at_once_and_nothing_runs(md_form, taken):
    md_form["steps"].value = "-5"
    assert md_form.button.disabled
    assert "steps" in md_form.message.value
    assert "-5" in md_form.message.value
    md_form.button.click()
    assert taken == []
    md_form["steps"].value = "50"
    assert not md_form.button.disabled


def test_a_mistake_in_a_part_is_told(md_form):
    md_form["ensemble.friction"].value = "fast"
    assert "friction" in md_form.message.value
    assert md_form.button.disabled


def test_the_form_of_a_command_reads_variables_of_the_notebook(taken):
    crystal = object()
    command_form = form(
        RunMD, taken.append, read=lambda field, text: crystal if text == "si" else type(field).read(field, text)
    )
    command_form["structure"].value = "si"
    command_form["loading.repeat"].value = "2,2,2"
    command_form["workflow.ensemble.temperature"].value = "900"
    command_form["potential"].value = "lennard-jones"
    command_form.button.click()
    command = taken[0]
    assert command.structure is crystal
    assert command.loading.repeat == (2, 2, 2)
    assert command.workflow.ensemble.temperature == 900.0
    assert command.potential.registered_name == "lennard-jones"
    assert command.workflow.model_fields_set == {"ensemble"}


def test_form_of_a_verb_does_what_its_line_would():
    """`%mlip md --form` in a notebook with a crystal: the button runs, the result has the name that was asked for."""
    namespace = {"si": mlip_nb.load("Si")}
    session = Session(namespace)
    filled = execute("md --form", session)
    for place, value in {"structure": "si", "workflow.steps": "20", "output": "ds"}.items():
        filled[place].value = value
    filled["viewer"].value = "none"
    filled.button.click()
    assert namespace["ds"].sizes["frame"] == 3


@pytest.mark.parametrize("verb", list(commands))
def test_every_verb_has_a_form(verb):
    assert execute(f"{verb} --form", Session({})).button.description


def test_a_number_or_a_word_are_both_taken(taken):
    rings = form(LocalPILE, taken.append)
    assert rings["beads"].value == "32"
    for beads in ("auto", "8"):
        rings["beads"].value = beads
        rings.button.click()
    assert [ring.beads for ring in taken] == ["auto", 8]


def test_form_stands_alone():
    with pytest.raises(InputError, match="--form stands alone"):
        execute("md --form --steps 10", Session({}))
    with pytest.raises(InputError, match="--form is for a notebook"):
        execute("md --form", Session())


@pytest.fixture
def filled():
    """The form of `md` in a notebook, filled in."""
    made = execute("md --form", Session({"si": mlip_nb.load("Si")}))
    for place, value in {"structure": "si", "workflow.time": "2ps", "save": "my run.zarr", "output": "ds"}.items():
        made[place].value = value
    return made


def test_buttons_write_down_what_is_filled_in(filled):
    filled.copiers["copy as magic"].click()
    assert filled.copied.box.value == "%mlip md si -o ds --save 'my run.zarr' --time 2000"
    filled.copiers["copy as Python"].click()
    assert "ds = workflow.run(system, potential, save='my run.zarr')" in filled.copied.box.value
    assert filled.copied.box in filled.copied.children


def test_a_mistake_cannot_be_copied(filled):
    filled["workflow.timestep"].value = "-1"
    assert all(button.disabled for button in filled.copiers.values())
    filled.copiers["copy as magic"].click()
    assert filled.copied.box.value == ""


def test_every_box_has_a_label_of_its_own(filled):
    """A description is a `<label>` of its box in the browser."""
    assert filled["workflow.timestep"].description == "timestep (fs)"
    assert filled["workflow.ensemble"].description == "ensemble"
    assert filled["overwrite"].description == "overwrite"
