"""A command written down: the line parses to an equal command, the Python makes an equal one."""

from pathlib import Path

import numpy as np
import pytest
from ase.calculators.emt import EMT
from hypothesis import given, settings
from hypothesis import strategies as st

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.notebook._as_magic import as_magic
from mlip_nb.notebook._as_python import PythonWriter, as_python
from mlip_nb.notebook._line import execute
from mlip_nb.notebook._parser import find_verb, parse
from mlip_nb.notebook._tokens import tokenize
from mlip_nb.notebook.session import Session

from .toys import Hot, Pressed, Toy, Work

LINES = [
    "md si",
    "md 'si' --time 2ps --timestep 0.5 --temperature 300->500->400 --repeat 2,2,2 --save 'my run.zarr' -o ds",
    "md si --friction 0.1THz --checkpoint-every 5min",
    "md si --replicas 3 --temperature {[300, 350, 500]} --seed 7 --overwrite",
    "md si --temperature {f} --steps 50 --quiet",
    "md si --ensemble npt-mtk --coupling triclinic --stress 1,2GPa,-3e-5,4,5kbar,6 --temperature 300@0ps,600@5ps",
    "md Si --potential lennard-jones --style shifted --sigma 0.21nm --epsilon 10meV",
    "md si --potential pot --ensemble nve --engine jax-md --frozen 0:16,Si --walls sphere --radius 1nm --viewer none",
    'md crystal.cif --index {None} --a 5.43 --crystal diamond --name "it\'s" --background',
    "md si --monitor committee --threshold 0.3 --watch uncertainty --on-alarm mark --look-every 2",
    "replica-exchange si --temperature 300:600:4",
    "train 'my data.xyz' --layers 2 --epochs 3 --members 4 --freeze first.*,second --to a.safetensors",
    "train {frames} --from mlip-Si --rate 1e-4 --curve errors",
    "evaluate frames pot 'x y.safetensors' --no-plot",
    "load Si --repeat 3 --primitive",
    "relax si --moving positions --rattle 0.1 --force 1meV/Å --potential pot",
    "phonons si --supercell 2,2,3 --hottest 500 --relax",
    "elastic si,Ge --potential stillinger-weber,pot --no-model-error --save e.zarr",
    "eos crystals --potential pots --points 5",
    "neb si --end si --potential {['lennard-jones', 'morse']}",
    "use pot",
    "potentials Si C",
    "plot 'run.zarr' --save \"a ' b.png\"",
]


@pytest.fixture(scope="module")
def session():
    si = mlip_nb.load("Si")
    names = {"si": si, "f": lambda time: 300 + time, "pot": mlip_nb.potential("stillinger-weber")}
    several = {"crystals": {"one": si}, "pots": [names["pot"]]}
    return Session({**names, **several, "frames": [mlip_nb.to_ase(si)], "calculator": EMT()})


def read(line, session):
    word, *rest = tokenize(line)
    return parse(find_verb(word.text, session), rest, session)


@pytest.mark.parametrize("line", LINES)
def test_the_line_of_a_command_parses_to_an_equal_command(line, session):
    command = read(line, session)
    assert read(as_magic(command, session).removeprefix("%mlip "), session) == command


@pytest.mark.parametrize("line", LINES)
def test_the_python_of_a_command_makes_an_equal_command(line, session):
    command = read(line, session)
    writer = PythonWriter(session)
    text = writer(command)
    made = run_python("\n".join([*writer.imports, f"made = {text}"]), session)["made"]
    assert made == command


def run_python(text, session):
    names = dict(session.namespace)
    exec(text, names)
    return names


def test_a_line_says_what_differs_from_the_defaults_and_nothing_else(session):
    command = read("md si --timestep 1 --steps 50 --ensemble nvt-langevin --engine fused --viewer mlip", session)
    assert as_magic(command, session) == "%mlip md si --steps 50"


def test_the_python_of_a_run_gives_the_same_run(session):
    line = "md Ar --steps 6 --every 2 --temperature 30->90 --potential lennard-jones --seed 3 --quiet"
    command = read(line, session)
    text = as_python(command, session)
    made = run_python(text, session)
    assert made["workflow"] == command.workflow
    assert "mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature='30->90'), steps=6, every=2, seed=3)" in text
    typed = execute(line, Session(session.namespace))
    np.testing.assert_array_equal(made["ds"]["positions"], typed["positions"])


def test_the_python_of_a_verb_runs_in_the_session_of_the_notebook(ipython):
    ipython.run("crystal = %mlip load Si --quiet")
    session = Session(ipython.shell.user_ns)
    ipython.run(as_python(read("use stillinger-weber --quiet", session), session))
    ipython.run(as_python(read("load crystal --repeat 2 -o larger", session), session))
    assert len(ipython["larger"].numbers) == 64
    assert ipython.run("from mlip_nb.notebook import this_session; this_session().potential.registered_name") == (
        "stillinger-weber"
    )
    ipython.run("%mlip use --quiet")


def test_a_calculator_is_written_by_its_name(session):
    command = read("md si --potential calculator", session)
    assert as_magic(command, session) == "%mlip md si --potential calculator"
    assert "potential = mlip_nb.from_calculator(calculator)" in as_python(command, session)


def test_an_object_without_a_name_is_refused_in_one_line(session):
    command = parse(find_verb("md", session), tokenize("{si}"), Session({"si": mlip_nb.load("Si")}))
    for write in (as_magic, as_python):
        with pytest.raises(InputError, match="object .System. without a name cannot be written down"):
            write(command, session)


numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
positive = st.floats(min_value=1e-9, max_value=1e9)
texts = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)
paths = texts.filter(lambda text: "\0" not in text).map(Path)
counts = st.integers(1, 2**31 - 1)
baths = st.one_of(
    st.builds(Hot, temperature=positive, cells=st.tuples(*[st.integers(-5, 5)] * 3)),
    st.builds(Pressed, temperature=positive, pressure=numbers, file=paths),
)
works = st.builds(Work, bath=baths, steps=counts, time=st.none() | positive, every=counts)
toys = st.builds(
    Toy,
    structure=texts,
    work=works,
    second=st.none() | baths,
    save=st.none() | paths,
    overwrite=st.booleans(),
    viewer=st.sampled_from(["nglview", "none"]),
    show=st.booleans(),
    weights=st.lists(numbers),
)


@settings(deadline=None, max_examples=100)
@given(toys)
def test_any_values_survive_the_line_and_the_python(toy):
    session = Session({"si": None, "x": 1})
    line = as_magic(toy, session)
    assert "\n" not in line
    assert parse(Toy, tokenize(line)[2:], session) == toy
    writer = PythonWriter(session)
    text = writer(toy)
    assert run_python("\n".join([*writer.imports, f"made = {text}"]), session)["made"] == toy
