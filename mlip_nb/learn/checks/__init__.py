"""What the doctor looks at: every module here has one function `look(evidence)` that yields findings."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from .._evidence import Evidence
from .._findings import Finding


def checks() -> dict[str, Callable[[Evidence], Iterator[Finding]]]:
    """Name -> check. A new file in this folder is a new check."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    return {name.replace("_", " "): importlib.import_module(f"{__name__}.{name}").look for name in names}
