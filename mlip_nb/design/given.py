"""Structures among parameters: as text, so that a design can be run again."""

import json
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from ..errors import InputError
from ..params import Variable
from ..system import System, from_ase, to_ase


def written(structure: Any) -> str:
    """A structure as JSON: symbols, positions and cell in Å, periodic directions. A text stays what it is.

    **Raises:** `InputError` for what is no structure.
    """
    if isinstance(structure, str):
        return structure
    try:
        atoms = to_ase(structure) if isinstance(structure, System) else structure
        told = {
            "symbols": atoms.get_chemical_symbols(),
            "positions": atoms.get_positions().tolist(),
            "cell": np.asarray(atoms.get_cell()).tolist(),
            "pbc": atoms.get_pbc().tolist(),
        }
    except AttributeError:
        raise InputError(f"{structure!r:.60} is no structure; give ase.Atoms or mlip_nb.load(...)") from None
    return json.dumps(told)


def structure_of(text: str, parameter: str) -> System:
    """**Raises:** `InputError` for a text that `written` has not made, such as a name."""
    from ase import Atoms

    try:
        return from_ase(Atoms(**json.loads(text)))
    except (ValueError, TypeError, KeyError):
        raise InputError(
            f"{parameter}: {text!r:.60} is a name and no structure; give mlip_nb.load({text!r:.60})"
        ) from None


def _each(value: Any) -> tuple[str, ...]:
    """Of one structure or several, and of names with commas between."""
    if isinstance(value, str) and not value.startswith("{"):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(map(written, value if isinstance(value, (list, tuple)) else [value]))


Given = Annotated[str, BeforeValidator(written), Variable("structure")]
"""A structure."""
GivenSet = Annotated[tuple[str, ...], BeforeValidator(_each)]
"""Structures."""
