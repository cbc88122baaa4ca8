"""Tensors of a file of another package, checked against the form that its own description asks for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ..errors import InputError


def form_of(path: Path, build: Callable[[], Any]) -> Any:
    """What `build` makes of a description, in the words of one who gave the file.

    **Raises:** `InputError` when the package cannot build it.
    """
    try:
        return build()
    except InputError:
        raise
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise InputError(f"{path} describes what its package cannot build ({why}); save the model anew") from error


def arranged(path: Path, found: Mapping[str, Any], form: Any, separator: str) -> Any:
    """The tensors, nested as `form`, whose leaves have the shapes to be found; names are joined by `separator`.

    **Raises:** `InputError` that names what is missing, too much, of another shape, no number, or not finite.
    """
    leaves, structure = jax.tree.flatten_with_path(form)
    wanted = {separator.join(entry.key for entry in place): leaf.shape for place, leaf in leaves}
    if unmatched := sorted(wanted.keys() ^ found.keys()):
        what = "lacks" if unmatched[0] in wanted else "has, without a place in its description,"
        raise InputError(f"{path} {what} the tensor {unmatched[0]}; save the model anew")
    return structure.unflatten(_checked(path, name, found[name], shape) for name, shape in wanted.items())


def _checked(path: Path, name: str, tensor: Any, shape: tuple[int, ...]) -> np.ndarray:
    if 0 in shape:
        # Files do not keep the shape of what is empty.
        return np.zeros(shape, np.float32)
    if not isinstance(tensor, np.ndarray) or tensor.dtype.kind != "f" or tensor.shape != shape:
        given = f"{tensor.dtype} {tensor.shape}" if isinstance(tensor, np.ndarray) else type(tensor).__name__
        raise InputError(f"{path}: tensor {name} is {given} and should be float {shape}; save the model anew")
    if not np.isfinite(tensor).all():
        raise InputError(f"{path}: tensor {name} is not finite; train the model again")
    return tensor
