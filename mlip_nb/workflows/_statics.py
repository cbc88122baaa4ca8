"""What workflows on structures at rest have in common."""

import datetime
import json
from collections.abc import Mapping

import numpy as np

from ..params import Params
from ..potentials import AbstractPotential
from ..system import System
from ._provenance import versions


def atoms_of(system: System) -> dict[str, object]:
    """What the atoms are."""
    return {
        "symbol": np.array(system.symbols),
        "number": np.asarray(system.numbers),
        "mass": np.asarray(system.masses, float),
        **({} if system.mobile is None else {"mobile": np.asarray(system.mobile)}),
    }


def origin(made_by: str, settings: Params, system: System, potential: AbstractPotential) -> Mapping[str, object]:
    """Attributes of the Dataset: how it was made."""
    return {
        "made_by": made_by,
        "settings": json.dumps(settings.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "formula": system.formula,
        "pbc": json.dumps(list(system.pbc)),
        "versions": versions(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
