"""Uncertainties beside labels: calibrated on some frames, judged by others; and what they say of any frames."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..learn import Labelled, Labels, fingerprint, predictions, split
from ..potentials import AbstractGraphPotential, AbstractPotential
from ..potentials.gaunt import Committee
from ..potentials.trained import Trained
from ..results.schema import build_dataset
from ..uncertainty import LEVELS, AbstractUncertainty, Calibrated, UncertaintySpec, force_errors, reliability
from ..uncertainty import calibrate as fit
from ..uncertainty.committee import CommitteeSpread
from ..uncertainty.last_layer import LastLayerRigidity
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr

_NUMBERS = (
    "miscalibration_area",
    "calibration_error",
    "normalised_error",
    "negative_log_likelihood",
    "sharpness",
    "variance_ratio",
    "correlation",
)
"""Of `Reliability`, by their names there and in the table of quantities."""


def calibrate(
    potential: AbstractPotential,
    frames: Sequence[Labelled],
    *,
    uncertainty: UncertaintySpec | None = None,
    training: Sequence[Labelled] = (),
    kind: str = "power",
    coverage: float = 0.9,
    judged: float = 0.5,
    seed: int = 0,
) -> "tuple[Calibrated, xr.Dataset]":
    """The uncertainty layer of a potential, and how reliable it is on a share `judged` of the frames kept aside.

    `frames` are labelled, and the potential has not seen them; `training` are those it was trained on, for sources
    that compare with them. Without `uncertainty`, a committee is asked for its spread, any other potential for the
    rigidity of its last layer.

    **Raises:** `InputError` for what cannot be calibrated, with what to do instead.
    """
    if not isinstance(potential, AbstractGraphPotential):
        raise InputError(
            f"{potential.spec.registered_name} tells nothing of its atoms; take a potential of this package"
        )
    # What a file holds has features and members, which the potential of the file does not tell.
    inner = potential.inner if isinstance(potential, Trained) else potential
    source = (uncertainty or default_uncertainty(inner)).fitted(inner, training)
    fitted, aside = split(frames, validation=judged, seed=seed)
    layer = fit(source, fitted, kind, coverage=coverage)
    return layer, _judged(source, layer, aside, kind)


def default_uncertainty(potential: AbstractPotential) -> UncertaintySpec:
    """The best that costs nothing to have."""
    return CommitteeSpread() if isinstance(potential, Committee) else LastLayerRigidity()


def assess(uncertainty: AbstractUncertainty, frames: Sequence[Labelled]) -> "xr.Dataset":
    """What an uncertainty says of every atom and every frame; beside it the errors where frames have labels."""
    labels = Labels.of(frames)
    values = uncertainty.of_frames(frames)
    told: dict[str, Any] = {
        "site_uncertainty": np.concatenate(values),
        "frame_uncertainty": np.array([one.max() for one in values]),
        "site_frame": labels.owners,
        "site_symbol": labels.elements,
        "frame_index": np.array([frame.index for frame in frames]),
        "frame_atoms": labels.atoms,
    }
    balls = uncertainty.balls if isinstance(uncertainty, Calibrated) else None
    if balls is not None:
        told["site_radius"] = balls.radii(told["site_uncertainty"])
    if np.isfinite(labels.forces).all():
        forces = predictions(uncertainty.potential, frames).forces
        told["site_force_error"] = np.linalg.norm(forces - labels.forces, axis=1)
    return build_dataset(told, attrs=_origin(uncertainty, frames, "assess"))


def _judged(source: AbstractUncertainty, layer: Calibrated, frames: Sequence[Labelled], kind: str) -> "xr.Dataset":
    raw, errors = force_errors(source, frames)
    sigma = np.asarray(layer.calibration(jnp.asarray(raw)))
    known = (raw > 0) & (sigma > 0) & np.isfinite(sigma)
    if not known.any():
        raise InputError("none of the frames that were kept aside has an uncertainty that can be judged; give more")
    found = [reliability(one[known], errors[known]) for one in (raw, sigma)]
    numbers = {name: np.array([getattr(one, name) for one in found]) for name in _NUMBERS}
    attrs = _origin(layer, frames, "calibrate") | {"calibration": kind, "source": type(source).__name__}
    if layer.balls is not None:
        attrs |= {"coverage": layer.balls.coverage, "force_ball_factor": layer.balls.factor}
    return build_dataset(
        {
            "stage": np.array(["as it is", "calibrated"]),
            "level": LEVELS,
            "observed_share": np.stack([one.observed for one in found]),
            "site_uncertainty": sigma[known],
            "site_force_error": np.linalg.norm(errors[known], axis=1),
            **numbers,
        },
        attrs=attrs,
    )


def _origin(uncertainty: AbstractUncertainty, frames: Sequence[Labelled], made_by: str) -> dict[str, object]:
    return {
        "made_by": made_by,
        "potential_fingerprint": uncertainty.potential.fingerprint,
        "unit": uncertainty.unit,
        "data": json.dumps({"frames": len(frames), "sha256": fingerprint(frames)}),
        **stamp(),
    }
