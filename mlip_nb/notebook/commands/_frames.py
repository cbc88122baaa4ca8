"""Labelled frames by whatever names them: a file, a variable with Atoms, a Dataset."""

from typing import TYPE_CHECKING, Annotated, Any

from ...params import Params
from ..session import is_a
from ._base import File, Variable

if TYPE_CHECKING:
    from ...learn import Labelled

FrameSource = Annotated[Any, Variable("frames"), File()]
"""A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""


class Reading(Params):
    """Under which keys labels stand."""

    energy_key: str | None = None
    """Key of energies in the data; the usual names are looked for when not given."""
    forces_key: str | None = None
    """Key of forces in the data."""
    stress_key: str | None = None
    """Key of stresses, or of virials, in the data."""


def frames_of(source: Any, reading: Reading, *, labelled: bool = True) -> "list[Labelled]":
    """**Raises:** `InputError` for what has no frames; with `labelled` for what has no labels."""
    from ...learn import read_frames
    from ...system import System, to_ase

    source = source.data() if is_a(source, "run") else source
    if isinstance(source, System):
        source = to_ase(source)
    keys = {"energy": reading.energy_key, "forces": reading.forces_key, "stress": reading.stress_key}
    return read_frames(source, **keys, labelled=labelled)
