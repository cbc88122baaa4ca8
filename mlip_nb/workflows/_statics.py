"""What workflows on structures at rest have in common."""

import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from ..params import Params
from ..potentials import AbstractPotential
from ..system import System
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr


def atoms_of(system: System) -> dict[str, object]:
    """What the atoms are."""
    return {
        "symbol": np.array(system.symbols),
        "number": np.asarray(system.numbers),
        "mass": np.asarray(system.masses, float),
        **({} if system.mobile is None else {"mobile": np.asarray(system.mobile)}),
    }


FRAMES = ("symbol", "number", "mass", "mobile", "positions", "cell", "potential_energy", "forces", "stress", "volume")
"""What a relaxation says of its two structures."""


def end_of(relaxed: "xr.Dataset", system: System) -> System:
    """The system as the last frame has it."""
    ends = {name: jnp.asarray(relaxed[name].values[-1], system.cell.dtype) for name in ("positions", "cell")}
    return dataclasses.replace(system, momenta=None, **ends)


def unbroken(relaxed: "xr.Dataset") -> "xr.Dataset":
    """A relaxation, for what is made of ends only.

    **Raises:** `KeyboardInterrupt` where Ctrl-C ended it.
    """
    if "interrupted" in relaxed.attrs:
        raise KeyboardInterrupt
    return relaxed


def origin(made_by: str, settings: Params, system: System, potential: AbstractPotential) -> Mapping[str, object]:
    """Attributes of the Dataset: how it was made."""
    return {
        "made_by": made_by,
        "settings": json.dumps(settings.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "formula": system.formula,
        "pbc": json.dumps(list(system.pbc)),
        **stamp(),
    }
