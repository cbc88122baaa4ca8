"""From words to parameters."""

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from mlip_nb.errors import InputError
from mlip_nb.notebook._help import help_for
from mlip_nb.notebook._parser import find_verb, parse, read
from mlip_nb.notebook._tokens import tokenize
from mlip_nb.notebook.session import Session

from .toys import Bath, Hot, Pressed, Toy, Work


@pytest.fixture
def session():
    return Session({"si": bulk("Si"), "n": 7, "bath": Hot(temperature=5), "count": np.int64(3), "T": 321.0})


def toy(line, session):
    return parse(Toy, tokenize(line), session)


def refusal(line, session):
    with pytest.raises(InputError) as caught:
        toy(line, session)
    assert str(caught.value).count("\n") < 2
    return str(caught.value)


def test_a_line_becomes_validated_parameters(session):
    command = toy(
        "si --steps 5 --time 10ps --temperature 350K --cells 2,3,4 --save a/b.zarr --overwrite -o ds", session
    )
    assert command.structure is session.namespace["si"]
    assert command.work == Work(bath=Hot(temperature=350, cells=(2, 3, 4)), steps=5, time=10_000)
    assert (command.save, command.overwrite, command.output) == (Path("a/b.zarr"), True, "ds")


def test_the_chosen_part_brings_its_flags_wherever_they_stand(session):
    expected = Pressed(pressure=2, file=Path("t"), temperature=9)
    for line in (
        "si --bath pressed --pressure 2GPa --file t --temperature 9",
        "--pressure 2 --file t --temperature 9 --bath pressed si",
        "si --pressure=20kbar --file=t --temperature=9 --bath=pressed",
    ):
        assert toy(line, session).work.bath == expected


def test_only_what_the_line_gives_is_set(session):
    assert toy("si", session).work.model_fields_set == set()
    assert toy("si --temperature 3", session).work.bath.model_fields_set == {"temperature"}


def test_a_part_may_be_a_variable_and_is_changed_by_flags(session):
    assert toy("si --bath bath", session).work.bath == Hot(temperature=5)
    assert toy("si --bath bath --cells 1,1,2", session).work.bath == Hot(temperature=5, cells=(1, 1, 2))
    assert toy("si --bath {bath.replace(temperature=n)}", session).work.bath == Hot(temperature=7)


def test_expressions_give_objects_numbers_and_parts_of_paths(session):
    command = toy("{si * (2, 1, 1)} --steps {n + 1} --every {count} --save run_{n}.zarr --weights {[0.5] * 2}", session)
    assert len(command.structure) == 4
    assert (command.work.steps, command.work.every) == (8, 3)
    assert (command.save, command.weights) == (Path("run_7.zarr"), [0.5, 0.5])


def test_expressions_are_evaluated_once(session):
    session.namespace["calls"] = []
    toy("si --bath {calls.append(1) or bath}", session)
    assert session.namespace["calls"] == [1]


def test_switches(session):
    command = toy("si --no-show --overwrite=true", session)
    assert (command.show, command.overwrite) == (False, True)
    assert toy("si --overwrite=false", session).overwrite is False


def test_negative_numbers_are_values(session):
    assert toy("si --bath pressed --file t --pressure -1.5", session).work.bath.pressure == -1.5


def test_an_unambiguous_beginning_will_do(session):
    assert toy("si --ste 4 --temp 2", session).work.steps == 4


def test_a_quoted_word_is_never_a_variable(session):
    assert toy("'si'", session).structure == "si"
    assert toy("structure.cif", session).structure == "structure.cif"


def test_the_same_parameter_of_two_parts_is_told_apart(session):
    command = toy("si --second hot --second-temperature 1 --bath-temperature 2", session)
    assert (command.second.temperature, command.work.bath.temperature) == (1, 2)
    assert refusal("si --second hot --temperature 1", session) == (
        "--temperature may mean --bath-temperature or --second-temperature; write more of it"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("si --steps 3 --steps 4", "--steps is given twice; give it once"),
        ("si --stpes 3", "unknown flag '--stpes'. Did you mean '--steps'?"),
        ("si --s 3", "--s may mean --save or --second or --show or --steps; write more of it"),
        ("si --temperature -5", "--temperature: Input should be greater than 0 (got '-5')"),
        ("si --temperature 5ps", "--temperature: '5ps': 'ps' is no unit of temperature; known: K"),
        (
            "si --steps many",
            "--steps: Input should be a valid integer, unable to parse string as an integer (got 'many')",
        ),
        ("si --steps n", "a variable needs braces: {n}"),
        ("si --cells 1,2", "--cells: value 3 is missing"),
        ("si --viewer vmd", "--viewer: Input should be 'nglview' or 'none' (got 'vmd')"),
        ("si --bath cold", "unknown bath 'cold'. Known: hot, pressed."),
        ("si --bath prest", "unknown bath 'prest'. Did you mean 'pressed'?"),
        ("si --bath si", "--bath: the variable 'si' holds Atoms, not a Bath"),
        ("si --bath pressed", "--file: a value is needed"),
        ("si --pressure 1", "--pressure belongs to --bath pressed or --second pressed; choose that too"),
        ("si --steps", "--steps needs a value, for example --steps 10"),
        ("si --steps --every 3", "--steps needs a value, for example --steps 10"),
        ("si --viewer", "--viewer needs a value: one of nglview, none"),
        ("si --bath", "--bath needs a value: one of hot, pressed"),
        ("n", "STRUCTURE: the variable 'n' holds int, not a structure"),
        ("", "STRUCTURE: a value is needed"),
        ("si other", "'other' is one word too many: only STRUCTURE stands without a flag"),
        ("si -o 3x", "--output: '3x' is no name for a variable"),
        ("{nothing}", "{nothing}: NameError: name 'nothing' is not defined"),
        ("si --steps {1/0}", "{1/0}: ZeroDivisionError: division by zero"),
        ("si --temperature nan", "'nan' is not a number with an optional unit"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(line, message, session):
    assert message in refusal(line, session)


def test_several_mistakes_are_all_told(session):
    message = refusal("si --steps 0 --every -1", session)
    assert "--steps: " in message
    assert "--every: " in message


def test_verbs_may_be_shortened_while_they_stay_unambiguous(session):
    assert find_verb("hel", session).registered_name == "help"
    with pytest.raises(InputError, match="p may mean peierls or phonons or pimd or plot or potentials"):
        find_verb("p", session)
    with pytest.raises(InputError, match="unknown verb 'lod'. Did you mean 'load'"):
        find_verb("lod", session)
    with pytest.raises(InputError, match="is for a terminal"):
        find_verb("install", session)
    assert find_verb("install", Session()).registered_name == "install"


def test_help_tells_unit_default_choices_and_meaning(session):
    text = help_for(Toy, read(Toy, tokenize("--bath pressed"), session).flags, session)
    rows = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert text.startswith("%mlip toy STRUCTURE [--flag value ...]\n\nDoes nothing, with parameters.")
    assert rows["--pressure"] == "  --pressure GPa              External pressure. [default 0 GPa]"
    assert "one of hot, pressed; default hot" in rows["--bath"]
    assert "one of nglview, none; default nglview" in rows["--viewer"]
    assert "Bath: pressed" in text
    assert rows["-o,"].startswith("  -o, --output NAME")
    assert rows["--show,"].startswith("  --show, --no-show")
    assert max(map(len, text.splitlines())) <= 100


def test_reading_a_line_for_completion_evaluates_nothing(session):
    session.namespace["calls"] = []
    reading = read(Toy, tokenize("{calls.append(1)} --bath {calls.append(2)} --steps {calls.append(3)} --unk"), session)
    assert session.namespace["calls"] == []
    assert reading.pending is None


def test_toy_parts_are_registered():
    assert list(Bath.registry) == ["hot", "pressed"]
