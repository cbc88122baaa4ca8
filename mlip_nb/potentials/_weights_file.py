"""A file of trained weights: safetensors, whose header has our own as one JSON text. Reading executes nothing."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..errors import InputError, StorageError

ENDING = ".safetensors"
FORMAT = 1
UNITS = "eV, Å"

_KEY = "mlip_nb"
_KINDS = {"family": str, "specification": dict, "elements": list, "units": str, "card": dict}
_LARGEST_HEADER = 10 * 2**20
"""Bytes; that of a potential has a few thousand."""

_OTHERS = {
    b"PK\x03\x04": "a zip archive, as torch.save and numpy.savez write them",
    b"\x80": "a pickle, which could run any code and is never opened",
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
    b"\x1f\x8b": "a gzip archive",
    b"version https://git-lfs": "the pointer of Git LFS in place of the file (git lfs pull brings that)",
    b"<": "a web page in place of the file",
}
"""First bytes -> what such a file is."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[safe_open, dict]]:
    """The file and our header in it.

    **Raises:** `InputError` for anything but a whole file of ours.
    """
    _check_beginning(path)
    try:
        with safe_open(path, framework="numpy") as file:
            yield file, _header(path, file.metadata() or {})
    except SafetensorError as error:
        raise InputError(f"{path} is damaged or cut short ({error}); copy or download it again") from error


def read_header(path: Path | str) -> dict:
    """What a file of weights says of itself, weights unread: format, family, specification, elements, units, card.

    **Raises:** `InputError` for anything but a file of weights.
    """
    with opened(Path(path).expanduser()) as (_, header):
        return header


def header_text(**values: object) -> dict[str, str]:
    """Our header as safetensors keeps it.

    **Raises:** `InputError` for a card that is not plain JSON.
    """
    try:
        text = json.dumps({"format": FORMAT, "units": UNITS, **values}, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"card: {error}; give plain text, finite numbers, lists and dicts") from error
    return {_KEY: text}


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse a path where no file of weights can be put, before anything is computed.

    **Raises:** `InputError` for another ending; `StorageError` when it exists, or there is no such folder.
    """
    if path.suffix != ENDING:
        raise InputError(f"{path} must end in {ENDING}, by which --potential knows it; save to {path.name}{ENDING}")
    if path.exists() and not overwrite:
        raise StorageError(f"{path} exists; overwrite it (--overwrite, overwrite=True) or choose another name")
    if not path.parent.is_dir():
        raise StorageError(f"cannot write {path}: {path.parent} is no folder; make it, or choose another")


def write(path: Path, data: bytes) -> None:
    """The whole file or none.

    **Raises:** `StorageError` when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}; choose another folder or make room") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _check_beginning(path: Path) -> None:
    """**Raises:** `InputError` for what does not begin as a safetensors file does: length of a header, header."""
    begins = _first_bytes(path)
    length = int.from_bytes(begins[:8], "little")
    if begins[8:9] != b"{":
        looks = next((what for magic, what in _OTHERS.items() if begins.startswith(magic)), "something else")
        raise InputError(f"{path} is not a safetensors file but {looks}; give one that %mlip save wrote")
    if length > _LARGEST_HEADER:
        raise InputError(f"{path} claims a header of {length:.2g} bytes, a damaged one; copy or download it again")


def _first_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(f"{path} is {'a folder' if path.is_dir() else 'not there'}; give a file that %mlip save wrote")
    try:
        with path.open("rb") as file:
            begins = file.read(32)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; check its permissions") from error
    if not begins:
        raise InputError(f"{path} is empty; copy or download it again")
    return begins


def _header(path: Path, metadata: dict[str, str]) -> dict:
    if _KEY not in metadata:
        raise InputError(f"{path} holds weights of another program, without a header of ours; open it with that one")
    try:
        header = json.loads(metadata[_KEY])
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} has a header that is no JSON ({error}); copy or download it again") from error
    _check_header(path, header)
    return header


def _check_header(path: Path, header: object) -> None:
    version = header.get("format") if isinstance(header, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise InputError(
            f"{path} was written by a newer mlip_nb (format {version}, this one knows {FORMAT}); update mlip_nb"
        )
    wrong = [key for key, kind in _KINDS.items() if version and not isinstance(header.get(key), kind)]
    if version != FORMAT or wrong:
        raise InputError(f"{path} has a header without its {', '.join(wrong) or 'format'}; copy or download it again")
    if header["units"] != UNITS:
        raise InputError(f"{path} has weights in {header['units']}, not in {UNITS}; convert it to them")
