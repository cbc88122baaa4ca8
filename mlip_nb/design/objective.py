"""What a design should do, as the user wrote it: a function with its source, so that it can be run again."""

import ast
import dis
import inspect
import linecache
import sys
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

_PLAIN = (int, float, complex, str, bool, type(None))
_NAMES = {"jax": jax, "jnp": jnp, "np": np, "inf": np.inf, "nan": np.nan}
"""What a source that is run again may take for granted."""


class Source(str):
    """Text of one or more functions; the last one is meant. It is not run before it is called."""

    __slots__ = ("_function",)

    @property
    def function(self) -> Callable[..., Any]:
        """**Raises:** `InputError` for text that cannot be run."""
        if not hasattr(self, "_function"):
            self._function = _run(self)
        return self._function

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Source":
        """Of a function that is there."""
        source = cls(written(function))
        source._function = function
        return source


def read(value: Any) -> Source:
    """A function with its source, from either of them; text is looked at, not run.

    **Raises:** `InputError` for a function without source, and for text that defines none.
    """
    if isinstance(value, Source):
        return value
    if callable(value):
        return Source.of(value)
    if isinstance(value, str):
        _defined(value)
        return Source(value)
    raise InputError(f"{value!r:.60} is no objective; write def objective(x): and return a number")


Objective = Annotated[Source, PlainValidator(read), Written()]
"""A function of a `Material`, or its source."""


def written(function: Callable) -> str:
    """Its source, with the numbers, modules and functions of the notebook that it uses in front."""
    if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
        raise InputError("an objective is kept with its source: write it as def objective(x): ..., not as a lambda")
    return "\n".join([*_needed(function, {function.__name__}), _text_of(function)])


def call(source: Source, x: Any) -> Any:
    """The value of the function of a material.

    **Raises:** `InputError` that names the line of the user's cell.
    """
    function = source.function
    try:
        return function(x)
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


def _defined(text: str) -> str:
    """Name of the last function of a text."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise InputError(f"the objective cannot be read: {type(error).__name__}: {error}") from error
    names = [part.name for part in body if isinstance(part, ast.FunctionDef)]
    if not names:
        raise InputError("the objective defines no function; write def objective(x): and return a number")
    return names[-1]


def _run(text: str) -> Callable[..., Any]:
    """The last function of a text."""
    filename = f"<objective {abs(hash(text))}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = dict(_NAMES)
    try:
        exec(compile(str(text), filename, "exec"), namespace)  # noqa: S102 - the user's own objective, when it is used
    except Exception as error:
        raise InputError(f"the objective cannot be read: {type(error).__name__}: {error}") from error
    return namespace[_defined(text)]


def _needed(function: FunctionType, seen: set[str]) -> Iterator[str]:
    """Lines that define what a function takes from outside, without what is `seen` already."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    outside = function.__globals__ | {name: cell.cell_contents for name, cell in cells.items()}
    for name in [*cells, *_globals(function.__code__)]:
        if name not in seen and name in outside:
            seen.add(name)
            yield from _definition(name, outside[name], seen)


def _definition(name: str, value: Any, seen: set[str]) -> Iterator[str]:
    """**Raises:** `InputError` for what cannot be written down."""
    if isinstance(value, ModuleType):
        yield f"import {value.__name__} as {name}"
    elif isinstance(value, np.generic):
        yield f"{name} = {value.item()!r}"
    elif _is_plain(value):
        yield f"{name} = {value!r}"
    elif isinstance(value, np.ndarray | jax.Array):
        yield f"import numpy\n{name} = numpy.array({np.asarray(value).tolist()!r})"
    elif (module := _home(value)) is not None:
        yield f"from {module} import {_name(value)} as {name}"
    elif isinstance(value, FunctionType):
        yield from _needed(value, seen)
        yield _text_of(value)
    else:
        raise InputError(
            f"{name} is a {type(value).__name__}, which cannot be kept with its objective; define it inside that"
        )


def _text_of(function: FunctionType) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise InputError(
            f"the source of {function.__name__} cannot be found, so the design could not be run again; define it in a "
            "cell or a file"
        ) from None


def _is_plain(value: Any) -> bool:
    """Whether its text says what it is."""
    if isinstance(value, dict):
        return all(_is_plain(one) for pair in value.items() for one in pair)
    return all(map(_is_plain, value)) if type(value) in (tuple, list) else isinstance(value, _PLAIN)


def _home(value: Any) -> str | None:
    """The module from which it can be imported; None where there is none, as for what a notebook defines."""
    module = "numpy" if isinstance(value, np.ufunc) else getattr(value, "__module__", None)
    is_there = module != "__main__" and getattr(sys.modules.get(module), _name(value), None) is value
    return module if is_there else None


def _name(value: Any) -> str:
    return getattr(value, "__name__", "")


def _globals(code: CodeType) -> list[str]:
    """Of what is used from outside, in functions inside too; attributes of it are none."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    used = [one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    return [*dict.fromkeys(used), *(name for one in inner for name in _globals(one))]
