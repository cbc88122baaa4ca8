"""Data by whatever names them: a Dataset, a run, the name of a run, or a store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ...errors import InputError
from ...results import open_store
from ..session import Session, is_a
from ._base import File, Offers, Variable

if TYPE_CHECKING:
    import xarray as xr

DataSource = Annotated[Any, Variable("structure or data"), Offers(lambda session: session.runs), File()]
"""A variable that holds a Dataset or a run, the name of a run, or a store."""


def data_of(source: Any, session: Session) -> "xr.Dataset":
    """The Dataset; of a run that goes on, what there is so far.

    **Raises:** `InputError` for anything else.
    """
    if isinstance(source, str) and source in session.runs:
        source = session.runs[source]
    if is_a(source, "run"):
        return source.data()
    if is_a(source, "data"):
        return source  # pyright: ignore[reportReturnType] - is_a has looked
    if isinstance(source, (str, Path)) and (store := Path(source).expanduser()).exists():
        return open_store(store)
    known = ", ".join([*session.variables("data"), *session.runs]) or "none yet"
    raise InputError(f"{source!r} is no Dataset, run or store; there are: {known}")
