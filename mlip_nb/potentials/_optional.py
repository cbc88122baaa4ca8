"""Packages of others that are loaded only where somebody asks for what they do."""

import importlib
from concurrent.futures import ThreadPoolExecutor
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


def _imported(module: str) -> ModuleType:
    before = {name: getattr(jax.config, name) for name in _SETTINGS}
    try:
        return importlib.import_module(module)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
