"""What stands for a widget where nothing draws widgets: in saved notebooks, exports, and on pages of others."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Keep = Callable[[str, bytes | None], None]
"""Takes the last line and picture of what was displayed inside something else."""

_keeper: ContextVar[Keep | None] = ContextVar("keeper", default=None)


@contextmanager
def displayed_inside(keep: Keep) -> Iterator[None]:
    """What begins to be displayed here leaves its picture with `keep`, too: an output inside a widget is not saved."""
    token = _keeper.set(keep)
    try:
        yield
    finally:
        _keeper.reset(token)


def keeper() -> Keep | None:
    """Who keeps the picture of what is displayed now."""
    return _keeper.get()


def with_fallback(bundle: dict[str, Any], line: str, picture: bytes | None) -> dict[str, Any]:
    """A widget's MIME bundle with a line of text, and a PNG file where there is one."""
    still = {} if picture is None else {"image/png": base64.b64encode(picture).decode()}
    return bundle | {"text/plain": line} | still
