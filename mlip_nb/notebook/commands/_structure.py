"""The structure of a line: a variable, a file, a crystal by name, or the last frame of a store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ...errors import InputError
from ...params import Count, Length, Params
from ...results import open_store
from ..session import is_a
from ._base import File, Offers, Variable

if TYPE_CHECKING:
    import xarray as xr

    from ...system import System
    from .._as_python import PythonWriter


def builders(session) -> list[str]:
    """Names that structures are built from."""
    from ...structures import names

    return list(names())


Structure = Annotated[Any, Variable("structure"), Offers(builders), File()]
"""A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""


class Loading(Params):
    """How to read or build the structure."""

    repeat: tuple[Count, ...] | None = None
    """Copies of the cell along its three vectors, or one number for all."""
    crystal: str | None = None
    """For a crystal by name: its kind, such as fcc, rocksalt or wurtzite."""
    a: Length | None = None
    """For a crystal by name: its lattice constant."""
    primitive: bool = False
    """For a crystal by name: the smallest cell instead of the conventional one."""
    index: int | None = None
    """For a file of several frames: which one, counted from 0; the last without it."""


def system_of(source: Any, loading: Loading) -> "System":
    """The system; of a Dataset or a store, its last frame with velocities."""
    from ...structures import load

    if _is_store(source):
        source = _opened(source)
    if is_a(source, "data"):
        source = source.mlip.system(-1)
    return load(source, **{name: getattr(loading, name) for name in loading.model_fields_set})


def system_as_python(source: Any, loading: Loading, write: "PythonWriter") -> str:
    """The expression of the system."""
    text = f"{write.ours('open')}({write(source)})" if _is_store(source) else write(source)
    if _is_store(source) or is_a(source, "data"):
        text = f"{text}.mlip.system()"
    arguments = write.arguments(loading)
    return f"{write.ours('load')}({text}{', ' * bool(arguments)}{arguments})"


def _is_store(source: Any) -> bool:
    return isinstance(source, (str, Path)) and Path(source).suffix == ".zarr" and Path(source).expanduser().is_dir()


def _opened(store: str | Path) -> "xr.Dataset":
    data = open_store(store)
    if not data.sizes.get("frame"):
        raise InputError(
            f"{store} has no frame, its run ended before the first; name the structure: then --append or --overwrite "
            "begins it anew"
        )
    return data
