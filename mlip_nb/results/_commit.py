"""The commit marker of a store: its root `zarr.json`, replaced in one piece.

The root holds the attributes and, as consolidated metadata, the shape of every array. Frames are written first, the
root afterwards: whoever opens the store reads the shapes from the root and sees all frames that were committed, and
none that was half written, whenever the writer was killed and while it is still writing.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import StorageError
from ._files import Files

FORMAT = "mlip_nb_format"
"""The attribute that tells our stores from any other folder; its value is the version of the layout."""
_VERSION = 2

CHECKPOINT = "mlip_nb_checkpoint"
"""The attribute that says which file is the checkpoint, its digest, and how many frames came before it."""

ASIDE = "run"
"""The group inside a store for what is not an array: Zarr does not look for arrays there."""


def new_root(attrs: Mapping[str, object]) -> dict:
    """The root of a store without arrays."""
    catalogue = {"kind": "inline", "must_understand": False, "metadata": {}}
    return {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {**attrs, FORMAT: _VERSION},
        "consolidated_metadata": catalogue,
    }


def arrays_of(root: Mapping) -> dict[str, dict]:
    """Name -> metadata of the arrays a root vouches for."""
    return root["consolidated_metadata"]["metadata"]


def committed_length(root: Mapping) -> int:
    """Frames a root vouches for."""
    return next((array["shape"][0] for array in arrays_of(root).values() if grows(array)), 0)


def grows(metadata: Mapping) -> bool:
    """Whether an array has frames; a single number has no dims at all."""
    return metadata.get("dimension_names", [])[:1] == ["frame"]


def read_root(path: Path) -> dict:
    """The root of a Zarr group.

    **Raises:** `StorageError` when there is none.
    """
    if not path.exists():
        raise StorageError(f"{path} does not exist; check the path, or save a run there first")
    try:
        root = json.loads((path / "zarr.json").read_bytes())
        is_group = root["node_type"] == "group"
    except (OSError, ValueError, KeyError, TypeError):
        is_group = False
    if not is_group:
        raise StorageError(f"{path} is not a Zarr store; name a folder written by --save or ds.mlip.save")
    return root


def check_version(path: Path, root: Mapping, *, to_continue: bool = False) -> None:
    """Refuse a store whose layout this version does not know; an older one can be read, but not continued.

    **Raises:** `StorageError` that names both versions.
    """
    version = root.get("attributes", {}).get(FORMAT, _VERSION)
    if not isinstance(version, int) or version > _VERSION:
        raise StorageError(
            f"{path} was written by a newer mlip_nb (store format {version}, this one knows {_VERSION}); update mlip_nb"
        )
    if to_continue and version < _VERSION:
        raise StorageError(
            f"{path} was written by an older mlip_nb (store format {version}, now {_VERSION}): it can be read but not "
            "continued; start a new run from its last frame"
        )


def commit(files: Files, root: Mapping) -> None:
    """Put in place what waits, and vouch for it afterwards."""
    files.publish()
    files.write("zarr.json", json.dumps(root).encode())
    files.publish()


def is_ours(path: Path) -> bool:
    """True for a folder that one of our stores wrote."""
    try:
        return FORMAT in read_root(path).get("attributes", {})
    except StorageError:
        return False


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What the operating system says about a store, in one line."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}; choose another path or make room"
        ) from error
