"""Both stores: the same frames in, the same Dataset out."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlip_nb.errors import InputError
from mlip_nb.results import MemoryStore, ZarrStore, _layout

from .frames import ATTRS, CONSTANTS, assert_whole, some_frames


@pytest.fixture(params=["memory", "zarr"])
def store(request, tmp_path):
    store = (
        MemoryStore(CONSTANTS, ATTRS)
        if request.param == "memory"
        else ZarrStore.create(tmp_path / "run.zarr", CONSTANTS, ATTRS)
    )
    yield store
    store.close()


def test_a_new_store_has_constants_and_no_frames(store):
    assert store.length == 0
    assert "frame" not in store.dataset().sizes
    assert store.dataset()["symbol"].values.tolist() == CONSTANTS["symbol"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_appended_frames_come_back_in_their_precision(store, dtype):
    for first, count in ((0, 1), (1, 4), (5, 2)):
        store.append(some_frames(first, count, dtype))
    assert store.length == 7
    assert_whole(store.dataset())
    assert store.dataset()["positions"].dtype == dtype


def test_frames_are_copied(store):
    frames = some_frames(0, 2)
    store.append(frames)
    frames["positions"][:] = -1
    assert_whole(store.dataset())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {name: np.ones((2, 6, 3)) for name in ("positions", "velocities")},
            r"^a frame of positions is float64 of shape \(6, 3\); those before are float64 of shape \(5, 3\)$",
        ),
        (
            {"positions": np.ones((2, 5, 3), "float32")},
            r"^a frame of positions is float32 of shape \(5, 3\); those before",
        ),
        ({"forces": np.ones((2, 5, 3))}, "^every append brings the same quantities; forces came only sometimes$"),
        ({"time": np.ones(3)}, "^time has 3 entries along 'frame'; it needs 2, as step$"),
        ({"nonsense": np.ones(2)}, "^unknown quantity 'nonsense'"),
        ({"mass": np.ones(5)}, "^mass has no frames; give it when the store is made$"),
    ],
)
def test_frames_that_do_not_fit_are_refused_and_leave_no_trace(store, change, message):
    store.append(some_frames(0, 2))
    with pytest.raises(InputError, match=message):
        store.append(some_frames(2, 2) | change)
    assert store.length == 2
    assert_whole(store.dataset())


def test_atoms_of_frames_and_constants_must_agree(store):
    frames = some_frames(0, 2)
    fewer = {name: frames[name][:, :4] for name in ("positions", "velocities")}
    with pytest.raises(InputError, match="^positions has 4 entries along 'atom'; it needs 5, as "):
        store.append(frames | fewer)
    store.append(frames)
    assert_whole(store.dataset())


def test_attributes_are_updated_one_by_one(store):
    store.update_attrs({"status": "finished", "wall_time": 2.5, "steering": [[10, {"temperature": 400.0}]]})
    expected = {"made_by": "md", "pbc": "[true, false, true]", "status": "finished", "wall_time": 2.5}
    assert store.dataset().attrs == expected | {"steering": '[[10, {"temperature": 400.0}]]'}


def test_the_newest_checkpoint_is_kept(store):
    assert store.read_checkpoint() is None
    store.write_checkpoint(b"old", {})
    store.write_checkpoint(b"\x00new", {"done": 3})
    assert store.dataset().attrs["done"] == 3
    assert store.read_checkpoint() == b"\x00new"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(1, 9), max_size=6), flushes=st.sets(st.integers(0, 5)))
def test_disk_and_memory_hold_the_same_however_frames_arrive(tmp_path, monkeypatch, counts, flushes):
    monkeypatch.setattr(_layout, "CHUNK_BYTES", 500)
    memory = MemoryStore(CONSTANTS, ATTRS)
    disk = ZarrStore.create(tmp_path / "run.zarr", CONSTANTS, ATTRS, overwrite=True)
    for index, count in enumerate(counts):
        frames = some_frames(memory.length, count)
        memory.append(frames)
        disk.append(frames)
        if index in flushes:
            disk.flush()
    disk.close()
    assert memory.length == disk.length == sum(counts)
    xr.testing.assert_identical(memory.dataset(), disk.dataset().load())
