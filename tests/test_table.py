"""How our objects show themselves: small tables in which everything is escaped."""

import dataclasses
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr
from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

import mlip_nb
from mlip_nb._table import Facts, Table
from mlip_nb.potentials.lennard_jones import LennardJonesSpec

OURS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
TEXT = {"caption", "th", "td", "p"}
HOSTILE = "</td><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;"


class Shown(HTMLParser):
    """Tags, their attributes and their text, as a browser finds them."""

    def __init__(self, markup: str):
        super().__init__()
        self.tags, self.attributes, self.cells = set(), set(), []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)
        self.cells += [""] if tag in TEXT else []

    def handle_data(self, data):
        self.cells[-1] += data


def shown(thing) -> Shown:
    found = Shown(thing._repr_html_())
    assert found.tags <= OURS
    assert found.attributes <= {("style", "text-align: left"), ("scope", "row")}, "no colours but those of the theme"
    return found


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.load("Ar")


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_any_text_stays_text(text, names):
    assert shown(Facts(text, dict.fromkeys(names, text or "nothing"))).cells[0] == text
    table = Table(names, [[text] * len(names)])
    assert shown(table).cells == [*names, *[text] * len(names)]
    assert shown(Table(names, [], empty=text)).cells == [text]


def test_facts_without_a_value_are_left_out():
    facts = Facts("Thing", {"here": 0, "nowhere": None, "empty": ""})
    assert str(facts) == "here: 0"
    assert shown(facts).cells == ["Thing", "here", "0"]


def test_a_system_tells_formula_cell_and_periodicity(argon):
    texts = shown(argon).cells
    assert {"Ar4", "4", "abc", "5.26, 5.26, 5.26 Å; 90, 90, 90°"} <= set(texts)
    assert repr(argon) == "System(Ar4, 4 atoms, periodic along abc)"


def test_a_system_without_a_cell_says_so():
    assert "none" in shown(mlip_nb.load(Atoms("H2", [(0, 0, 0), (0, 0, 0.74)]))).cells


def test_a_potential_tells_what_it_covers_and_where_it_comes_from():
    potential = mlip_nb.potential("stillinger-weber")
    texts = shown(potential).cells
    assert {"stillinger-weber", potential.spec.coverage, potential.spec.origin, potential.fingerprint[:12]} <= set(
        texts
    )
    assert repr(potential) == f"{type(potential).__name__}(stillinger-weber for {potential.spec.coverage})"


def test_a_potential_without_its_specification_can_be_printed():
    """What JAX makes of a tree on the way is printed in messages of errors."""
    potential = mlip_nb.potential("lennard-jones")
    assert type(potential).__name__ in repr(dataclasses.replace(potential, spec=None))


def test_hostile_names_stay_text(argon, tmp_path):
    hostile = type("Hostile", (LennardJonesSpec,), {"origin": HOSTILE, "licence": HOSTILE})
    potential = dataclasses.replace(mlip_nb.potential("lennard-jones"), spec=hostile())
    assert shown(potential).cells.count(HOSTILE) == 2
    store = tmp_path / "<b>x<b>.zarr"
    run = mlip_nb.Run(mlip_nb.MD(steps=1), argon, potential, save=store, name=HOSTILE)
    run.message = HOSTILE
    texts = shown(run).cells
    assert f"Run {HOSTILE}" in texts
    assert {HOSTILE, str(store), "Ar4", "pending"} <= set(texts)
    run.start().wait()
    data = run.data()
    data.attrs |= {"made_by": HOSTILE, "message": HOSTILE}
    assert f"Dataset of {HOSTILE}" in shown(data.mlip).cells
    assert "<script" not in data._repr_html_()
    assert repr(data.mlip) == data.mlip.summary()


def test_xarray_escapes_attributes_and_names_of_a_dataset():
    data = xr.Dataset({HOSTILE: (HOSTILE, np.zeros(1), {HOSTILE: HOSTILE})}, attrs={HOSTILE: HOSTILE})
    assert "<script" not in data._repr_html_()
    assert "<img" not in data._repr_html_()
