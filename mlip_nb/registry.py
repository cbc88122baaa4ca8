"""Name -> class: a decorator here, a scan of our package, entry points for everybody else's."""

import functools
import importlib
import json
import pkgutil
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from typing import Generic, TypeVar

from .errors import InputError, unknown

T = TypeVar("T")


@functools.cache
def plugins(kind: str) -> EntryPoints:
    """What installed packages offer of a kind, not yet imported. To read what all of them declare takes 60 ms."""
    return entry_points(group=f"mlip_nb.{kind}")


class Registry(Generic[T]):
    """The classes of one kind. `package` is scanned on first use, so that imports stay cheap."""

    def __init__(self, kind: str, package: str):
        self.kind = kind
        self._package = package
        self._classes: dict[str, type[T]] = {}
        self._file_endings: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._scanned = False
        self._lock = threading.RLock()

    def register(self, name: str, *, file_ending: str | None = None) -> Callable[[type], type]:
        """Class decorator; the class knows its name as `registered_name`.

        The path of a file of that ending stands for the class with this file as its `file`.
        """

        def decorate(cls: type) -> type:
            if self._classes.setdefault(name, cls) is not cls:
                raise ValueError(f"two {self.kind}s are called {name!r}: {self._classes[name]} and {cls}")
            cls.registered_name = name
            if file_ending:
                self._file_endings[file_ending] = name
            return cls

        return decorate

    def refuse(self, *file_endings: str, why: str) -> None:
        """Files of these endings stand for nothing; `why` says what to do instead."""
        self._refused |= dict.fromkeys(file_endings, why)

    def __getitem__(self, name: str) -> type[T]:
        if name not in self._classes:
            self._import_its_file(name)
        if name not in self._classes:
            self._scan()
        if name not in self._classes:
            raise self.stranger(name)
        return self._classes[name]

    def stranger(self, name: str) -> InputError:
        """What to say of a name or file that stands for nothing."""
        if why := self._refused.get(Path(str(name)).suffix):
            return InputError(f"{name} {why}")
        return unknown(self.kind, str(name), self)

    def __iter__(self) -> Iterator[str]:
        self._scan()
        return iter(sorted(self._classes))

    def build(self, description: str | Mapping) -> T:
        """The object from a name, the path of a file, a description (`{"name": ..., fields...}`) or its JSON text."""
        if isinstance(description, str) and description.lstrip().startswith("{"):
            description = json.loads(description)
        fields = {"name": description} if isinstance(description, str) else dict(description)
        if "name" not in fields:
            raise InputError(f"a {self.kind} is described by its 'name' and fields; got {description!r}")
        name = fields.pop("name")
        if self.takes_file(name):
            return self[self._file_endings[Path(name).suffix]](**{"file": name} | fields)
        return self[name](**fields)

    def takes_file(self, word: str) -> bool:
        """True for the path of a file, there or not, whose ending stands for one of the classes."""
        if not Path(word).suffix:
            return False
        self._scan()
        return Path(word).suffix in self._file_endings

    def _import_its_file(self, name: str) -> None:
        """`stillinger-weber` is most likely in `stillinger_weber.py`: no need to import all the others."""
        module = name.replace("-", "_")
        if module.isidentifier():
            with self._lock:
                package = importlib.import_module(self._package)
                if any(found.name == module for found in pkgutil.iter_modules(package.__path__)):
                    importlib.import_module(f"{self._package}.{module}")

    def _scan(self) -> None:
        # The preloading thread and a cell may both come first; the second waits for a full table.
        with self._lock:
            if self._scanned:
                return
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                if not module.name.startswith("_"):
                    importlib.import_module(f"{self._package}.{module.name}")
            for entry in plugins(self.kind):
                entry.load()
            self._scanned = True
