"""Files of frames, in any format ASE reads."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import ase


def read_file(path: Path) -> "list[ase.Atoms]":
    """All frames of a file.

    **Raises:** `InputError` that names the file, and says what is wrong with it.
    """
    import ase.io

    _check(path)
    try:
        frames = ase.io.read(path, index=":", do_not_split_by_at_sign=True)
    except Exception as error:
        # ASE's readers fail in every way there is.
        said = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
        raise InputError(f"{path} cannot be read ({said}); check its contents and its ending") from error
    if not frames:
        raise InputError(f"{path} holds no frames; write them again")
    return frames if isinstance(frames, list) else [frames]


def _check(path: Path) -> None:
    if path.is_dir():
        run = path.suffix == ".zarr" or (path / "zarr.json").exists()
        cure = f"it holds a run: pass mlip_nb.open({str(path)!r})" if run else "name the files in it"
        raise InputError(f"{path} is a directory; {cure}")
    if not path.is_file():
        raise InputError(f"there is no file {path}.{_nearby(path)} Give the path of a file ASE reads")
    if _is_empty(path):
        raise InputError(f"{path} is empty; write the frames again")


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


def _nearby(path: Path) -> str:
    """A hint at a file of a similar name."""
    folder = path.parent if path.parent.is_dir() else Path()
    close = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir() if entry.is_file()], n=1)
    return f" Did you mean {str(path.with_name(close[0]))!r}?" if close else ""
