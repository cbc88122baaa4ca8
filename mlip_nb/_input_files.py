"""Files that somebody names: whether there is something in them, before a reader fails in its own words."""

import difflib
from pathlib import Path

from .errors import InputError


def check_file(path: Path) -> None:
    """**Raises:** `InputError` for a directory, for what is not there, and for an empty file."""
    if path.is_dir():
        run = path.suffix == ".zarr" or (path / "zarr.json").exists()
        cure = f"it holds a run: mlip_nb.open({str(path)!r}) reads it" if run else "name a file in it"
        raise InputError(f"{path} is a directory; {cure}")
    if not path.is_file():
        raise InputError(f"there is no file {path}.{nearby(path)}")
    if _is_empty(path):
        raise InputError(f"{path} is empty; write it again")


def nearby(path: Path) -> str:
    """A hint at a file of a similar name."""
    folder = path.parent if path.parent.is_dir() else Path()
    close = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir() if entry.is_file()], n=1)
    return f" Did you mean {str(path.with_name(close[0]))!r}?" if close else ""


def _is_empty(path: Path) -> bool:
    import gzip

    if path.suffix != ".gz":
        return not path.stat().st_size
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        return not path.stat().st_size
    with gzip.open(path) as file:
        return not file.read(1)
