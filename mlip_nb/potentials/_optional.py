"""Packages of others that are loaded only where somebody asks for what they do."""

import importlib
from types import ModuleType

import jax

from ..errors import InputError

_SETTINGS = ("jax_default_matmul_precision", "jax_enable_x64")
"""What such packages are known to change for the whole process when they are imported."""


def load(module: str, *, install: str) -> ModuleType:
    """A module of a package that may be missing; JAX is set up afterwards as it was before.

    **Raises:** `InputError` with the command that installs it.
    """
    before = {name: getattr(jax.config, name) for name in _SETTINGS}
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"{module.partition('.')[0]} cannot be imported ({error}); run: {install}") from error
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
