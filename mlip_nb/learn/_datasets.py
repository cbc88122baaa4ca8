"""Frames of a stored run: the Dataset's units turned back into ours."""

import json
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import units
from ..errors import InputError
from ..system import System
from ._labels import Label, Labels

_ROWS = {"energy": "potential_energy", "forces": "forces", "stress": "stress"}
"""Label -> its row in the table of quantities."""


def frames_of_dataset(dataset: Any, names: Labels) -> list[tuple[System, Label]]:
    """Every frame of a run, replica by replica."""
    if "positions" not in dataset:
        raise InputError(f"the Dataset has no positions (it has {', '.join(dataset.data_vars)}); give that of a run")
    if "replica" not in dataset["positions"].dims:
        return _frames_of_run(dataset, names)
    runs = [dataset.isel(replica=index) for index in range(dataset.sizes["replica"])]
    return [frame for run in runs for frame in _frames_of_run(run, names)]


def _frames_of_run(run: Any, names: Labels) -> list[tuple[System, Label]]:
    values = {kind: _values(run, getattr(names, kind) or row) for kind, row in _ROWS.items()}
    values["stress"] = _configurational(run, values["stress"])
    keys = frozenset(str(name) for name in run.data_vars) - {"positions", "cell"}
    labels = zip(*values.values(), strict=True)
    return [
        (system, Label(None if energy is None else float(energy), forces, stress, "", keys))
        for system, (energy, forces, stress) in zip(_systems(run), labels, strict=True)
    ]


def _values(run: Any, name: str) -> Any:
    """One entry a frame; None for each where there is no such variable."""
    return np.asarray(run[name], float) if name in run else [None] * run.sizes["frame"]


def _configurational(run: Any, stress: Any) -> Any:
    """eV/Å³, without the kinetic part that the stress in a Dataset has; None where that is not known.

    The kinetic part is taken from the stored velocities. Where an integrator reports its temperature from other
    momenta of the same step it differs by the bias of the splitting: a few per mille of k_B T per atom and volume.
    """
    if stress[0] is None or "velocities" not in run:
        return [None] * run.sizes["frame"]
    velocities = np.asarray(run["velocities"], float) * units.ANGSTROM_PER_FEMTOSECOND
    flow = np.einsum("m,fma,fmb->fab", np.asarray(run["mass"], float), velocities, velocities)
    volume = np.abs(np.linalg.det(np.asarray(run["cell"], float)))
    return stress * units.GIGAPASCAL + flow / volume[:, None, None]


def _systems(run: Any) -> list[System]:
    numbers, masses = jnp.asarray(run["number"].values, np.int32), jnp.asarray(run["mass"].values, float)
    pbc = tuple(json.loads(run.attrs["pbc"]))
    positions, cells = np.asarray(run["positions"], float), np.asarray(run["cell"], float)
    return [
        System(jnp.asarray(place), numbers, masses, jnp.asarray(cell), pbc=pbc)
        for place, cell in zip(positions, cells, strict=True)
    ]
