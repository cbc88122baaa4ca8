"""What a design should do, as the user wrote it: a function with its source, so that it can be run again."""

import ast
import builtins
import inspect
import linecache
import textwrap
import traceback
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import PlainValidator

from ..errors import InputError, MlipError
from ..params import Written

_PLAIN = (int, float, str, bool, tuple, list, dict, type(None))
_NAMES = {"jax": jax, "jnp": jnp, "np": np}
"""What a source that is run again may take for granted."""


class Source(str):
    """Text of one or more functions; the last one is meant."""

    __slots__ = ("function",)
    function: Callable[..., Any]


def read(value: Any) -> Source:
    """A function with its source, from either of them.

    **Raises:** `InputError` for a function without source, and for text that defines none.
    """
    if isinstance(value, Source):
        return value
    if callable(value):
        source = Source(written(value))
        source.function = value
        return source
    if isinstance(value, str):
        return _run(value)
    raise InputError(f"{value!r:.60} is no objective; write def objective(x): and return a number")


Objective = Annotated[Source, PlainValidator(read), Written()]
"""A function of a `Material`, or its source."""


def written(function: Callable) -> str:
    """Its source, with the numbers, modules and functions of the notebook that it uses in front."""
    if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
        raise InputError("an objective is kept with its source: write it as def objective(x): ..., not as a lambda")
    try:
        own = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise InputError(
            f"the source of {function.__name__} cannot be found, so the design could not be run again; define it in a "
            "cell or a file"
        ) from None
    return "\n".join([*_needed(function), own])


def call(source: Source, x: Any) -> Any:
    """The value of the function of a material.

    **Raises:** `InputError` that names the line of the user's cell.
    """
    try:
        return source.function(x)
    except Exception as error:
        raise InputError(f"{where(source, error)}: {_explained(error)}") from error


def where(source: Source, error: BaseException | None = None) -> str:
    """The line of a function in which an error arose; without one that which returns."""
    code = source.function.__code__
    frames = traceback.extract_tb(error.__traceback__) if error else []
    inside = [frame.lineno for frame in frames if frame.filename == code.co_filename]
    line = (inside[-1] if inside else None) or _returning(source.function)
    text = linecache.getline(code.co_filename, line).strip() or source.splitlines()[-1].strip()
    return f"line {line} of the cell, {text!r}"


def _explained(error: Exception) -> str:
    if isinstance(error, MlipError):
        return str(error)
    outside = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)
    if isinstance(error, outside):
        return "this turns a quantity into a plain number, which has no derivative; use jnp, and jnp.where for if"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _returning(function: Callable) -> int:
    """Line of its last return."""
    first = function.__code__.co_firstlineno
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError):
        return first
    return first - 1 + max((node.lineno for node in ast.walk(tree) if isinstance(node, ast.Return)), default=1)


def _run(text: str) -> Source:
    source = Source(text)
    filename = f"<objective {abs(hash(text))}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = dict(_NAMES)
    try:
        exec(compile(text, filename, "exec"), namespace)  # noqa: S102 - the user's own objective, from its provenance
    except Exception as error:
        raise InputError(f"the objective cannot be read: {type(error).__name__}: {error}") from error
    functions = [value for value in namespace.values() if isinstance(value, FunctionType)]
    if not functions:
        raise InputError("the objective defines no function; write def objective(x): and return a number")
    source.function = functions[-1]
    return source


def _needed(function: FunctionType, seen: set[str] | None = None) -> Iterator[str]:
    """Lines that define what a function takes from outside."""
    seen = set() if seen is None else seen
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    closed = dict(zip(function.__code__.co_freevars, cells, strict=True))
    for name in _names(function.__code__):
        value = closed.get(name, function.__globals__.get(name, _MISSING))
        if name not in seen and value is not _MISSING and not hasattr(builtins, name):
            seen.add(name)
            yield from _definition(name, value, seen)


_MISSING = object()


def _definition(name: str, value: Any, seen: set[str]) -> Iterator[str]:
    if isinstance(value, ModuleType):
        yield f"import {value.__name__} as {name}"
    elif isinstance(value, FunctionType) and value.__module__ == "__main__":
        yield from _needed(value, seen)
        yield textwrap.dedent(inspect.getsource(value))
    elif isinstance(value, FunctionType | type):
        yield f"from {value.__module__} import {value.__qualname__} as {name}"
    elif isinstance(value, _PLAIN):
        yield f"{name} = {value!r}"
    elif isinstance(value, np.ndarray | jax.Array):
        yield f"import numpy\n{name} = numpy.array({np.asarray(value).tolist()!r})"


def _names(code: CodeType) -> list[str]:
    """Of what is used from outside, in functions inside too."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [*code.co_names, *code.co_freevars, *(name for one in inner for name in _names(one))]
