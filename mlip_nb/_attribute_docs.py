"""What is written below the fields of a class, read when somebody asks for help.

Pydantic can read it when a class is made (`use_attribute_docstrings`); for our classes that is half the time of their
import, before every first run.
"""

import ast
import functools
import inspect
import linecache
import sys
from collections.abc import Mapping
from itertools import pairwise


def source_of_caller(module: str) -> str:
    """The file, or notebook cell, from which a class of that module is being made."""
    frame = sys._getframe()
    while frame and frame.f_globals.get("__name__") != module:
        frame = frame.f_back
    return frame.f_code.co_filename if frame else ""


@functools.cache
def attribute_docs(cls: type, source: str) -> Mapping[str, str]:
    """Fields that the class itself declares, with the text below each; none when the source is not at hand."""
    try:
        module = ast.parse("".join(linecache.getlines(source)))
    except SyntaxError:
        return {}
    bodies = [node.body for node in ast.walk(module) if isinstance(node, ast.ClassDef) and node.name == cls.__name__]
    return {
        line.target.id: inspect.cleandoc(below.value.value)
        for line, below in pairwise(bodies[-1] if bodies else [])
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and _is_text(below)
    }


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
