"""Packages of others that are loaded only where somebody asks for what they do."""

import importlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType

import jax

from ..errors import InputError

_SETTINGS = ("jax_default_matmul_precision", "jax_enable_x64")
"""What such packages are known to change for the whole process when they are imported."""


def load(module: str, *, install: str) -> ModuleType:
    """A module of a package that may be missing; JAX is set up afterwards as it was before.

    **Raises:** `InputError` with the command that installs it.
    """
    # In a thread of its own, which knows the settings of the process and not those of a `with` around the caller: what
    # is made once at import would keep their precision for ever, and restoring them would make them everybody's.
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(_imported, module).result()
        except ImportError as error:
            raise InputError(f"{module.partition('.')[0]} cannot be imported ({error}); run: {install}") from error


@contextmanager
def counting_in_int32() -> Iterator[None]:
    """Where a package is traced that writes places in a table into int32, which are int64 in JAX's double precision.

    JAX warns of that, for it may lose digits; places of elements and atoms have none to lose.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "scatter inputs .* from dtype=int64 to dtype=int32", FutureWarning)
        yield


def _imported(module: str) -> ModuleType:
    before = {name: getattr(jax.config, name) for name in _SETTINGS}
    try:
        return importlib.import_module(module)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
