"""The Python half of our viewer: what it sends, when, and what it refuses."""

import logging

import numpy as np
import pytest

import mlip_nb
from mlip_nb import viewers
from mlip_nb.errors import InputError
from mlip_nb.system import to_ase
from mlip_nb.viewers._latest import Latest
from mlip_nb.viewers.moment import Moment

from .conftest import ATOMS, FRAMES


def floats(data, *shape):
    return np.frombuffer(data, np.float32).reshape(*shape)


def ask(viewer, **request):
    """What the front end does."""
    viewer._handle_custom_msg(request, [])


@pytest.fixture
def sent(monkeypatch):
    """Messages with frames, as they leave."""
    messages = []
    monkeypatch.setattr(
        viewers.structure_viewer.StructureViewer, "send", lambda _, told, buffers: messages.append((told, buffers))
    )
    return messages


def crystal():
    return mlip_nb.load("Si", repeat=2)


def moved(system, shift):
    import equinox as eqx

    return eqx.tree_at(lambda s: s.positions, system, system.positions + shift)


def test_atoms_cross_as_bytes_inside_their_cell():
    system = crystal()
    viewer = viewers.show(to_ase(moved(system, 7.0)))
    inside = floats(viewer.positions, -1, 3)
    cell = floats(viewer.cell, 3, 3)
    shifts = np.linalg.solve(cell.T.astype(float), (inside - np.asarray(system.positions) - 7.0).T)
    np.testing.assert_allclose(shifts, shifts.round(), atol=1e-5)
    fractions = np.linalg.solve(cell.T.astype(float), inside.T)
    assert ((fractions > -1e-5) & (fractions < 1)).all()
    assert len(viewer.species) == len(inside) == 64
    assert [element["symbol"] for element in viewer.elements] == ["Si"]
    assert viewer.title == "Si64"


def test_a_molecule_has_no_cell_and_lies_flat():
    viewer = viewers.show(to_ase(mlip_nb.load("H2O")))
    assert viewer.cell == b""
    seen = floats(viewer.positions, -1, 3) @ floats(viewer.orientation, 3, 3).T
    assert np.ptp(seen[:, 2]) < 1e-5
    assert np.linalg.det(floats(viewer.orientation, 3, 3)) == pytest.approx(1)


def test_bonds_are_drawn_unless_all_are_metals():
    assert viewers.show(to_ase(crystal())).bonds
    assert not viewers.show(to_ase(mlip_nb.load("Cu"))).bonds


def test_the_newest_frame_is_sent_once_the_one_before_is_painted():
    system = crystal()
    view = viewers.follow(Moment(system), "mlip")
    widget = view.widget
    for step in range(5):
        view.show(Moment(moved(system, 0.01 * step)))
    first = floats(widget.positions, -1, 3).copy()
    assert widget.number == 1
    ask(widget, ask="painted", number=0)
    assert widget.number == 1
    ask(widget, ask="painted", number=1)
    assert widget.number == 2
    np.testing.assert_allclose(floats(widget.positions, -1, 3) - first, 0.04, atol=1e-5)
    ask(widget, ask="painted", number=2)
    assert widget.number == 2


def test_a_front_end_that_is_silent_is_sent_a_frame_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("mlip_nb.viewers._latest.time.monotonic", lambda: now[0])
    taken = []
    latest = Latest(taken.append, patience=1.0)
    for tenth in range(35):
        now[0] = tenth / 10
        latest.offer(tenth)
    assert taken == [0, 10, 20, 30]


def test_what_is_kept_is_the_last_frame():
    system = crystal()
    view = viewers.follow(Moment(system), "mlip")
    view.show(Moment(system))
    view.keep(Moment(moved(system, 0.5)))
    np.testing.assert_allclose(
        floats(view.widget.positions, -1, 3)[0], np.asarray(moved(system, 0.5).positions)[0], atol=1e-5
    )


def test_the_cell_moves_with_its_atoms(data, sent):
    viewer = data.mlip.view()
    ask(viewer, ask="frames", numbers=[0, 5], by="")
    assert [floats(buffers[1], 3, 3)[0, 0] for _, buffers in sent] == [4.0, 5.0]
    assert [told["told"]["caption"] for told, _ in sent] == ["0.000 ps", "0.050 ps"]


def test_frames_that_are_asked_for_have_the_values_of_their_atoms(data, sent):
    viewer = data.mlip.view(colour="forces")
    norms = np.linalg.norm(data["forces"].values, axis=-1)
    np.testing.assert_allclose(floats(viewer.values, -1), norms[0], rtol=1e-6)
    ask(viewer, ask="frames", numbers=[3], by="velocities")
    ((told, buffers),) = sent
    np.testing.assert_allclose(floats(buffers[2], -1), np.linalg.norm(data["velocities"].values[3], axis=-1), rtol=1e-6)
    scale = told["told"]["scale"]
    assert (scale["label"], scale["unit"]) == ("velocity", "Å/fs")
    assert scale["low"] < scale["high"]


def test_any_variable_of_atoms_colours_them(data, sent):
    data["doubt"] = (("frame", "atom"), np.arange(FRAMES * ATOMS).reshape(FRAMES, ATOMS), {"units": "eV/Å"})
    viewer = data.mlip.view()
    assert [one["name"] for one in viewer.colourings] == ["", "velocities", "forces", "doubt"]
    ask(viewer, ask="frames", numbers=[2], by="doubt")
    np.testing.assert_array_equal(floats(sent[0][1][2], -1), [8, 9, 10, 11])


def test_only_frames_that_are_shown_are_read(data, sent, monkeypatch):
    read = []
    viewer = data.mlip.view()
    monkeypatch.setattr(type(viewer._reader), "cell", lambda self, index: read.append(index) or np.eye(3))
    ask(viewer, ask="frames", numbers=[4, 5], by="")
    assert read == [4, 5]


@pytest.mark.parametrize(
    "request_",
    [
        {"ask": "frames", "numbers": [FRAMES], "by": ""},
        {"ask": "frames", "numbers": [-1], "by": ""},
        {"ask": "frames", "numbers": [True], "by": ""},
        {"ask": "frames", "numbers": ["0"], "by": ""},
        {"ask": "frames", "numbers": [0] * 1000, "by": ""},
        {"ask": "frames", "numbers": [0], "by": "<script>"},
        {"ask": "frames", "numbers": [0], "by": "potential_energy"},
        {"ask": "frames", "numbers": 0, "by": ""},
        {"ask": "painted", "number": "1"},
        {"ask": "execute"},
        {},
        "frames",
        None,
    ],
)
def test_a_request_that_makes_no_sense_is_logged_and_answered_by_nothing(request_, data, sent, caplog):
    viewer = data.mlip.view()
    with caplog.at_level(logging.WARNING):
        viewer._handle_custom_msg(request_, [])
    assert sent == []
    assert len(caplog.records) == 1


def test_a_store_that_went_away_is_logged(data, sent, caplog, monkeypatch):
    viewer = data.mlip.view()

    def fail(self, index):
        raise OSError("gone")

    monkeypatch.setattr(type(viewer._reader), "cell", fail)
    ask(viewer, ask="frames", numbers=[1], by="")
    assert sent == []
    assert "cannot be read" in caplog.text


def test_a_variable_that_says_nothing_of_atoms_is_refused(data):
    with pytest.raises(InputError, match="^unknown colouring 'force'. Did you mean 'forces'?"):
        data.mlip.view(colour="force")


def test_no_view_where_none_is_wanted():
    assert viewers.follow(Moment(crystal()), "none") is None


def test_a_saved_view_has_a_picture_and_a_line(data):
    shown, _ = data.mlip.view()._repr_mimebundle_()
    assert shown["text/plain"] == "HOSi2"
    assert shown["image/png"]
    assert "application/vnd.jupyter.widget-view+json" in shown
