"""What stands for a widget where nothing draws widgets: in saved notebooks, exports, and on pages of others."""

import base64
from typing import Any


def with_fallback(bundle: dict[str, Any], line: str, picture: bytes | None) -> dict[str, Any]:
    """A widget's MIME bundle with a line of text, and a PNG file where there is one."""
    still = {} if picture is None else {"image/png": base64.b64encode(picture).decode()}
    return bundle | {"text/plain": line} | still
