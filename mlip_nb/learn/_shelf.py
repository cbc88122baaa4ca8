"""Where the files of a campaign are: on disk, or in memory while nobody keeps them."""

import abc
import os
import sys
from pathlib import Path

from ..errors import StorageError


class AbstractShelf(abc.ABC):
    """A few files."""

    @abc.abstractmethod
    def read(self, name: str) -> bytes | None:
        """What a file holds; None where there is none."""

    @abc.abstractmethod
    def replace(self, name: str, data: bytes) -> None:
        """A file in one piece: the old one or the new one, never half of it."""

    @abc.abstractmethod
    def append(self, name: str, at: int, data: bytes) -> None:
        """More of a file behind its first `at` bytes; what stood there is no longer wanted."""

    @abc.abstractmethod
    def remove(self, name: str) -> None:
        """Without a file."""


class Memory(AbstractShelf):
    """Files that end with the process."""

    def __init__(self, files: dict[str, bytes] | None = None):
        self.files = dict(files or {})

    def read(self, name: str) -> bytes | None:
        """As kept."""
        return self.files.get(name)

    def replace(self, name: str, data: bytes) -> None:
        """At once."""
        self.files[name] = data

    def append(self, name: str, at: int, data: bytes) -> None:
        """At once."""
        self.files[name] = self.files.get(name, b"")[:at] + data

    def remove(self, name: str) -> None:
        """At once."""
        self.files.pop(name, None)


class Folder(AbstractShelf):
    """Files on disk; what a call has written survives whatever happens to the machine."""

    def __init__(self, path: Path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}; choose another folder") from error
        self.path = path

    def read(self, name: str) -> bytes | None:
        """Of the disk."""
        path = self.path / name
        return path.read_bytes() if path.exists() else None

    def replace(self, name: str, data: bytes) -> None:
        """By a draft that takes its place."""
        draft = self.path / f"{name}.draft"
        _write(draft, 0, data)
        os.replace(draft, self.path / name)
        _keep_names(self.path)

    def append(self, name: str, at: int, data: bytes) -> None:
        """A frame that was half written is written over."""
        _write(self.path / name, at, data)

    def remove(self, name: str) -> None:
        """From the disk."""
        (self.path / name).unlink(missing_ok=True)


def _keep_names(folder: Path) -> None:
    """Wait until the disk has the names of a folder; Windows keeps them by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, at: int, data: bytes) -> None:
    with open(path, "r+b" if path.exists() else "w+b") as file:
        file.truncate(at)
        file.seek(at)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
