"""Potentials judged by labelled frames, side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import units
from ..errors import InputError
from ..learn import Labelled, Labels, Predicted, errors, predictions
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ._provenance import compared

if TYPE_CHECKING:
    import xarray as xr

_IN_GPA = ("stress_mae", "stress_rmse")


def evaluate(
    potentials: AbstractPotential | Mapping[str, AbstractPotential], frames: Sequence[Labelled]
) -> "xr.Dataset":
    """Energies, forces and stresses of every potential on every frame, beside the labels, and what the errors are.

    A single potential is called by its registered name. Errors are of energies per atom and of components; NaN where
    no frame has the label.

    **Raises:** `InputError` for no frames, no potentials, or elements that a potential does not cover.
    """
    if isinstance(potentials, AbstractPotential):
        potentials = {potentials.spec.registered_name: potentials}
    if not potentials or not frames:
        raise InputError("evaluate needs a potential and a frame at least; read frames by read_frames")
    labels = Labels.of(frames)
    found = {name: predictions(potential, frames) for name, potential in potentials.items()}
    judged = [errors(predicted, labels) for predicted in found.values()]
    tables = {name: np.stack([one[name] for one in judged]) for name in judged[0]}
    scaled = {name: values / units.GIGAPASCAL if name in _IN_GPA else values for name, values in tables.items()}
    return build_dataset(
        {**_labels(labels, frames), **_predicted(found), **scaled}, attrs=compared("evaluate", potentials, frames)
    )


def _labels(labels: Labels, frames: Sequence[Labelled]) -> dict[str, Any]:
    return {
        "reference_energy": labels.energies,
        "reference_forces": labels.forces,
        "reference_stress": labels.stresses / units.GIGAPASCAL,
        "frame_group": labels.groups,
        "frame_index": np.array([frame.index for frame in frames]),
        "frame_atoms": labels.atoms,
        "site_frame": labels.owners,
        "site_symbol": labels.elements,
        "element": np.unique(labels.elements),
        "group": np.unique(labels.groups),
    }


def _predicted(found: Mapping[str, Predicted]) -> dict[str, Any]:
    return {
        "potential": np.array(list(found)),
        "predicted_energy": np.stack([one.energies for one in found.values()]),
        "predicted_forces": np.stack([one.forces for one in found.values()]),
        "predicted_stress": np.stack([one.stresses for one in found.values()]) / units.GIGAPASCAL,
    }
