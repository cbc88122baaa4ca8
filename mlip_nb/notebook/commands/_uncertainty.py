"""The uncertainty of a line: a variable that holds one, or a file."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from ..session import is_a
from ._base import Variable


def _checked(value: Any) -> Any:
    if isinstance(value, (str, Path)) and Path(value).suffix:
        from ...uncertainty import load_uncertainty

        return load_uncertainty(value)
    if not is_a(value, "uncertainty"):
        raise ValueError(
            f"{value!r:.60} is no uncertainty; make one with %mlip calibrate DATA --potential POTENTIAL -o unc"
        )
    return value


UncertaintyChoice = Annotated[Any, AfterValidator(_checked), Variable("uncertainty")]
"""What `%mlip calibrate` gives, or a file that `%mlip save` made of it."""
