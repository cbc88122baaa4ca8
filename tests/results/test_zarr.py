"""What only a store on disk can do: survive, be read while written, refuse what would destroy data."""

import errno
import itertools
import json
import random
import subprocess
import sys
import time

import dask.array
import numpy as np
import pytest
import xarray as xr
import zarr

import mlip_nb
from mlip_nb.errors import InputError, StorageError
from mlip_nb.results import ZarrStore, _checkpoint, _files, _layout, _zarr, open_store, save_dataset
from mlip_nb.results._commit import FORMAT, read_root

from .frames import ATTRS, CONSTANTS, assert_whole, some_frames


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.zarr"


@pytest.fixture
def saved(path):
    """A closed store with ten frames."""
    write(path, 10)
    return path


def write(path, count: int, **options) -> None:
    store = ZarrStore.create(path, CONSTANTS, ATTRS, **options)
    store.append(some_frames(0, count))
    store.close()


# Whatever happens to the writer


def test_a_killed_writer_loses_no_committed_frame_and_tears_none(path, repository):
    ZarrStore.create(path, CONSTANTS, ATTRS).close()
    chance = random.Random(0)
    for _ in range(6):
        committed = kill_a_writer(path, repository, after=chance.uniform(0, 0.3))
        data = open_store(path)
        assert data.sizes["frame"] >= committed
        assert_whole(data)
    store = ZarrStore.reopen(path)
    store.append(some_frames(store.length, 2))
    store.close()
    assert_whole(open_store(path))


def kill_a_writer(path, repository, *, after: float) -> int:
    """Frames that the writer said were committed."""
    command = [sys.executable, "-m", "tests.results.endless_writer", str(path)]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()
        time.sleep(after)
        process.kill()
        said = [line for line in [first, *process.stdout] if line.endswith("\n")]
    return int(said[-1])


@pytest.mark.parametrize("files", range(0, 24, 3))
def test_a_full_disk_spoils_nothing_and_writing_can_go_on_when_there_is_room(saved, monkeypatch, files):
    store = ZarrStore.reopen(saved)
    store.write_checkpoint(b"old", {})
    with monkeypatch.context() as patches:
        patches.setattr(_files, "write_file", write_until_full(files))
        with pytest.raises(StorageError, match="^cannot write .*run.zarr: No space left on device; choose another"):
            write_forever(store)
        before = open_store(saved)
        assert_whole(before)
        assert read_checkpoint(saved) == str(before.attrs.get("done", "old")).encode()
        assert not list(saved.rglob("*.draft"))
    store.close()
    assert open_store(saved).sizes["frame"] == store.length
    assert_whole(open_store(saved))
    assert xr.open_zarr(saved, consolidated=False).sizes["frame"] == store.length


def test_what_is_still_on_its_way_when_a_flush_fails_is_not_put_in_place(path, monkeypatch):
    """Zarr writes the chunks of an array at once, and tells of the first that fails while others are being written."""
    monkeypatch.setattr(_layout, "_MOST_FRAMES", 4)
    write(path, 4)
    store, write_file = ZarrStore.reopen(path), _files.write_file

    def slow_or_failing(target, data):
        if target.name.startswith("c.1."):
            raise OSError(errno.ENOSPC, "No space left on device")
        time.sleep(0.3)
        write_file(target, data)

    with monkeypatch.context() as patches:
        patches.setattr(_files, "write_file", slow_or_failing)
        store.append(some_frames(4, 16))
        with pytest.raises(StorageError, match="No space left"):
            store.flush()
    time.sleep(0.6)
    assert not list(path.rglob("*.draft"))
    store.close()
    assert open_store(path).sizes["frame"] == 20
    assert_whole(open_store(path))


def write_until_full(files: int):
    """The way our files are written, which works so many times; the last one is cut in half."""
    written, write = itertools.count(), _files.write_file

    def write_or_fail(path, data):
        if next(written) >= files:
            write(path, bytes(data)[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    return write_or_fail


def read_checkpoint(path) -> bytes:
    root = read_root(path)["attributes"]
    return _checkpoint.read_checkpoint(path, root)


def write_forever(store) -> None:
    """Every checkpoint holds the number of frames before it, and so does an attribute."""
    while True:
        store.append(some_frames(store.length, 5))
        store.write_checkpoint(str(store.length).encode(), {"done": store.length})


# Readers


def test_a_reader_sees_what_is_committed_while_the_writer_goes_on(path, monkeypatch):
    monkeypatch.setattr(_zarr, "_FLUSH_SECONDS", 1e9)
    monkeypatch.setattr(_layout, "CHUNK_BYTES", 500)
    store = ZarrStore.create(path, CONSTANTS, ATTRS)
    readers = []
    for count in (1, 2, 7, 4):
        store.append(some_frames(store.length, count))
        store.flush()
        readers.append((store.length, open_store(path)))
        store.append(some_frames(store.length, 3))
        assert open_store(path).sizes["frame"] == readers[-1][0]
    store.close()
    for length, data in readers:
        assert data.sizes["frame"] == length
        assert_whole(data)


def test_frames_reach_the_disk_by_themselves(path, monkeypatch):
    monkeypatch.setattr(_zarr, "_FLUSH_SECONDS", 0.05)
    store = ZarrStore.create(path, CONSTANTS, ATTRS)
    store.append(some_frames(0, 1))
    time.sleep(0.1)
    store.append(some_frames(1, 1))
    assert open_store(path).sizes["frame"] == 2
    monkeypatch.setattr(_zarr, "_FLUSH_SECONDS", 1e9)
    monkeypatch.setattr(_zarr, "_FLUSH_BYTES", 1000)
    store.append(some_frames(2, 5))
    assert open_store(path).sizes["frame"] == 7
    store.close()


def test_variables_are_read_when_they_are_used_and_not_before(saved):
    data = open_store(saved)
    assert all(isinstance(variable.data, dask.array.Array) for variable in data.data_vars.values())
    assert all(isinstance(coordinate.data, np.ndarray) for coordinate in data.coords.values())
    (saved / "positions" / "c.0.0.0").unlink()
    assert np.isnan(data["positions"].values).all()


def test_chunks_of_large_frames_are_of_a_size_that_disks_like(path):
    store = ZarrStore.create(path, {}, {})
    store.append({"positions": np.zeros((2, 3000, 3))})
    store.close()
    chunk = np.prod(zarr.open_array(path, path="positions", mode="r").chunks) * 8
    assert 1e6 < chunk < 4e6


@pytest.mark.parametrize("consolidated", [True, False])
def test_xarray_alone_reads_a_closed_store_without_a_warning(saved, consolidated):
    store = ZarrStore.reopen(saved)
    store.write_checkpoint(b"state", {})
    store.close()
    data = xr.open_zarr(saved, consolidated=consolidated)
    assert_whole(data)
    assert data["positions"].attrs["units"] == "Å"


def test_mlip_nb_open_is_the_reader(saved):
    xr.testing.assert_identical(mlip_nb.open(str(saved)), open_store(saved))


# What is refused


@pytest.mark.parametrize("make", ["nothing", "folder", "file", "garbage", "array"])
def test_what_is_no_store_is_told_in_one_line(path, make):
    match make:
        case "folder":
            path.mkdir()
        case "file":
            path.write_bytes(b"\x00\x01")
        case "garbage":
            path.mkdir()
            (path / "zarr.json").write_text('{"zarr_format": 3, "node_')
        case "array":
            zarr.create_array(path, shape=(2,), dtype="f8")
    with pytest.raises(StorageError, match=r"^.*run\.zarr (does not exist|is not a Zarr store)[^\n]*$"):
        open_store(path)


def test_a_store_that_lost_its_catalogue_is_told_in_one_line(saved):
    (saved / "zarr.json").write_text(
        '{"zarr_format": 3, "node_type": "group", "attributes": {}, "consolidated_metadata": 3}'
    )
    with pytest.raises(StorageError, match=r"^.*run\.zarr cannot be read: [^\n]*$"):
        open_store(saved)


def test_an_existing_store_is_kept_unless_told_otherwise(saved):
    with pytest.raises(StorageError, match=r"run\.zarr exists already; --overwrite replaces it, --append continues"):
        ZarrStore.create(saved, CONSTANTS, ATTRS)
    assert_whole(open_store(saved))
    write(saved, 3, overwrite=True)
    assert open_store(saved).sizes["frame"] == 3
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("kind", ["folder", "file", "zarr of somebody else"])
def test_what_is_not_ours_is_never_overwritten(path, kind, overwrite):
    match kind:
        case "folder":
            path.mkdir()
            (path / "thesis.tex").write_text("years of work")
        case "file":
            path.write_text("years of work")
        case _:
            zarr.create_group(path)
    with pytest.raises(StorageError, match=r"run\.zarr exists, is not a store of mlip_nb, and is never overwritten"):
        ZarrStore.create(path, CONSTANTS, ATTRS, overwrite=overwrite)
    with pytest.raises(StorageError, match=r"run\.zarr (is not a Zarr store|was not written by mlip_nb)"):
        ZarrStore.reopen(path)
    assert path.exists()


def test_a_path_that_cannot_be_is_told_in_one_line(tmp_path):
    with pytest.raises(StorageError, match=r"^cannot write .*run\.zarr: the folder .*missing does not exist; create"):
        ZarrStore.create(tmp_path / "missing" / "run.zarr", CONSTANTS, ATTRS)
    (tmp_path / "notes.txt").write_text("years of work")
    with pytest.raises(StorageError, match=r"^cannot write .*run\.zarr: .*notes\.txt is a file, not a folder; choose"):
        ZarrStore.create(tmp_path / "notes.txt" / "run.zarr", CONSTANTS, ATTRS)
    with pytest.raises(StorageError, match=r"^cannot write .*: File name too long; choose another path or make room$"):
        ZarrStore.create(tmp_path / ("a" * 300), CONSTANTS, ATTRS)


def test_a_folder_without_write_permission_is_told_in_one_line(path, monkeypatch):
    def denied(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_files, "write_file", denied)
    with pytest.raises(StorageError, match=r"^cannot write .*run\.zarr: Permission denied"):
        ZarrStore.create(path, CONSTANTS, ATTRS)
    assert not list(path.parent.iterdir())


def test_writes_on_their_way_when_one_fails_leave_nothing_behind(path, monkeypatch):
    calls = itertools.count()

    def slow_but_the_first(draft, data):
        if next(calls) == 0:
            raise PermissionError(errno.EACCES, "Permission denied")
        time.sleep(0.2)
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)

    monkeypatch.setattr(_files, "write_file", slow_but_the_first)
    with pytest.raises(StorageError, match="Permission denied"):
        ZarrStore.create(path, CONSTANTS, ATTRS)
    assert next(calls) > 1
    time.sleep(0.5)
    assert not list(path.parent.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks on Windows")
def test_a_store_has_one_writer(path):
    store = ZarrStore.create(path, CONSTANTS, ATTRS)
    with pytest.raises(StorageError, match=r"run\.zarr is being written by a run"):
        ZarrStore.reopen(path)
    with pytest.raises(StorageError, match=r"run\.zarr is being written by a run"):
        ZarrStore.create(path, CONSTANTS, ATTRS, overwrite=True)
    store.append(some_frames(0, 2))
    store.close()
    ZarrStore.reopen(path).close()
    assert_whole(open_store(path))


def test_a_closed_store_takes_nothing_more(saved):
    store = ZarrStore.reopen(saved)
    store.close()
    store.close()
    with pytest.raises(InputError, match=r"run\.zarr is closed"):
        store.append(some_frames(10, 1))


# Continuing and saving


def test_a_reopened_store_goes_on_where_it_was(saved):
    store = ZarrStore.reopen(saved)
    assert store.length == 10
    store.append(some_frames(10, 5))
    store.close()
    assert open_store(saved).sizes["frame"] == 15
    assert_whole(open_store(saved))


@pytest.fixture
def ahead(saved):
    """A store whose writer was killed six frames after its last checkpoint, which came after frame 3."""
    write(saved, 4, overwrite=True)
    store = ZarrStore.reopen(saved)
    store.write_checkpoint(b"state", {"done": 3})
    store.append(some_frames(4, 6))
    store.close()
    return saved


def test_frames_that_come_once_more_and_are_the_same_stay(ahead):
    store = ZarrStore.reopen(ahead)
    store.rewind()
    for first, count in ((4, 1), (5, 2), (7, 0), (7, 5)):
        store.append(some_frames(first, count))
        assert store.length == max(10, first + count)
    store.close()
    assert open_store(ahead).sizes["frame"] == 12
    assert_whole(open_store(ahead))


def test_the_first_frame_that_comes_out_otherwise_takes_the_place_of_all_that_follow(ahead):
    store = ZarrStore.reopen(ahead)
    store.rewind()
    another = some_frames(4, 4)
    another["positions"] = another["positions"].copy()
    another["positions"][2, 0, 0] = np.nextafter(6.0, 7.0)
    store.append(another)
    assert store.length == 8
    store.close()
    for consolidated in (True, False):
        data = xr.open_zarr(ahead, consolidated=consolidated)
        assert data["step"].values.tolist() == list(range(8))
        assert data["positions"].values[6, 0, 0] == np.nextafter(6.0, 7.0)


def test_a_checkpoint_on_the_way_through_known_frames_belongs_to_where_it_was_written(ahead):
    """Killed again before the old end: nothing stored is lost, and the next one begins at the right frame."""
    store = ZarrStore.reopen(ahead)
    store.rewind()
    store.append(some_frames(4, 2))
    store.write_checkpoint(b"later", {"done": 5})
    store.close()
    store = ZarrStore.reopen(ahead)
    assert (store.read_checkpoint(), store.length) == (b"later", 10)
    store.rewind()
    store.append(some_frames(6, 6))
    store.close()
    assert open_store(ahead).sizes["frame"] == 12
    assert_whole(open_store(ahead))


@pytest.mark.parametrize(
    "damage",
    [lambda file: file.unlink(), lambda file: file.write_bytes(b"stat"), lambda file: file.write_bytes(b"statE")],
)
def test_a_damaged_checkpoint_is_told_in_one_line(ahead, damage):
    damage(ahead / "run" / "checkpoint-0")
    store = ZarrStore.reopen(ahead)
    with pytest.raises(StorageError, match=r"^the checkpoint of .*run\.zarr is damaged, its frames can be read; start"):
        store.read_checkpoint()
    store.close()
    assert_whole(open_store(ahead))


def with_format(path, version) -> None:
    root = read_root(path)
    root["attributes"][FORMAT] = version
    (path / "zarr.json").write_text(json.dumps(root))


def test_a_store_of_a_newer_version_is_refused_in_one_line(saved):
    with_format(saved, 99)
    for look in (open_store, ZarrStore.reopen):
        with pytest.raises(StorageError, match=r"run\.zarr was written by a newer mlip_nb \(store format 99, this one"):
            look(saved)


def test_a_store_of_an_older_version_can_be_read_but_not_continued(saved):
    with_format(saved, 1)
    assert_whole(open_store(saved))
    with pytest.raises(
        StorageError, match=r"run\.zarr was written by an older mlip_nb .* start a new run from its last"
    ):
        ZarrStore.reopen(saved)


def test_a_path_may_begin_with_the_home_folder(saved, monkeypatch):
    monkeypatch.setenv("HOME", str(saved.parent))
    assert_whole(open_store("~/run.zarr"))
    ZarrStore.reopen("~/run.zarr").close()
    save_dataset(open_store("~/run.zarr"), "~/copy.zarr")
    assert_whole(open_store(saved.parent / "copy.zarr"))


def test_frames_of_another_precision_are_not_appended(saved):
    store = ZarrStore.reopen(saved)
    with pytest.raises(InputError, match="^a frame of positions is float32"):
        store.append(some_frames(10, 1, "float32"))
    store.close()


def test_a_part_of_a_dataset_is_saved_and_read_back(saved, tmp_path, monkeypatch):
    monkeypatch.setattr("mlip_nb.results.storage._FRAMES_AT_ONCE", 2)
    part = open_store(saved).isel(frame=slice(3, 8), atom=[0, 4]).load()
    save_dataset(part, tmp_path / "part.zarr")
    xr.testing.assert_identical(open_store(tmp_path / "part.zarr").load(), part)


def test_a_dataset_may_replace_the_store_it_is_read_from(saved):
    part = open_store(saved).isel(frame=slice(0, 4))
    with pytest.raises(StorageError, match="--overwrite"):
        save_dataset(part, saved)
    save_dataset(part, saved, overwrite=True)
    assert open_store(saved).sizes["frame"] == 4
    assert_whole(open_store(saved))


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_netcdf_holds_the_same(saved, tmp_path, engine):
    pytest.importorskip({"netcdf4": "netCDF4"}.get(engine, engine))
    data = open_store(saved)
    data.to_netcdf(tmp_path / "run.nc", engine=engine)
    with xr.open_dataset(tmp_path / "run.nc", engine=engine) as read:
        xr.testing.assert_equal(read, data)
        assert read.attrs == data.attrs
        assert {name: variable.attrs["units"] for name, variable in read.variables.items()} == {
            name: variable.attrs["units"] for name, variable in data.variables.items()
        }
