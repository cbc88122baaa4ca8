"""nglview, which stays a choice."""

import sys

import numpy as np
import pytest

import mlip_nb
from mlip_nb import viewers
from mlip_nb.errors import InputError
from mlip_nb.system import to_ase
from mlip_nb.viewers._nglview_live import _text
from mlip_nb.viewers.moment import Moment

from .conftest import FRAMES


def test_the_view_plays_every_frame_with_atoms_inside_the_cell(data):
    view = data.mlip.view(backend="nglview")
    assert view.max_frame == FRAMES - 1
    shown = view._trajlist[0].get_coordinates(3)
    moved = (shown - data["positions"].values[3]) / np.diag(data["cell"].values[3])
    np.testing.assert_allclose(moved, np.round(moved), atol=1e-12)
    assert (shown[:, :2] >= -1e-5).all()
    np.testing.assert_allclose(shown[:, 2], data["positions"].values[3, :, 2])


def test_a_moving_cell_is_drawn_anew_for_each_frame(data):
    view = data.mlip.view(backend="nglview")
    view.frame = 4
    drawn = [call for call in view._ngl_msg_archive if call["methodName"] == "addShape"]
    corners = [np.array(edge[1:3]) for edge in drawn[-1]["args"][1]]
    assert len(corners) == 12
    assert np.max(corners) == pytest.approx(data["cell"].values[4].max())
    assert len(view._ngl_component_ids) == 2


def test_a_cell_at_rest_is_drawn_once(data):
    view = data.mlip.view(frame=-1, backend="nglview")
    assert view.max_frame == 0
    assert not [call for call in view._ngl_msg_archive if call["methodName"] == "addShape"]


def test_the_kept_structure_is_the_last_one():
    first, last = mlip_nb.load("Ar"), mlip_nb.load("Ar", repeat=2)
    view = viewers.follow(Moment(first), "nglview")
    view.keep(Moment(last))
    (loading,) = [message for message in view.widget._ngl_msg_archive if message["methodName"] == "loadFile"]
    assert loading["args"][0]["data"] == _text(last)


def test_a_structure_is_shown_with_its_cell():
    view = viewers.show(to_ase(mlip_nb.load("Si")), "nglview")
    assert any(call["args"][:1] == ["unitcell"] for call in view._ngl_msg_archive)


def test_an_unknown_or_missing_viewer_is_told(data, monkeypatch):
    with pytest.raises(InputError, match="^unknown viewer 'vmd'. Known: mlip, nglview.$"):
        data.mlip.view(backend="vmd")
    with pytest.raises(InputError, match="^nglview does not colour by 'forces'"):
        data.mlip.view(backend="nglview", colour="forces")
    monkeypatch.setitem(sys.modules, "nglview", None)
    with pytest.raises(InputError, match="^nglview is not installed; `pip install"):
        data.mlip.view(backend="nglview")
