"""An uncertainty with its potential and its calibration in one file of numbers: safetensors with a JSON header."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save

from ..errors import InputError
from ..potentials._weights import specification
from ..potentials._weights_file import check_target, header_text, opened, write
from ..potentials.trained import Trained
from ._base import AbstractUncertainty
from .calibration import CALIBRATIONS
from .committee import Spread
from .conformal import ForceBalls
from .coverage import Gap
from .d_optimal import Grade
from .heads import Evidential, MeanVariance, network
from .hull import HullExit
from .last_layer import LastLayer
from .layer import Calibrated
from .mahalanobis import Mahalanobis
from .t_squared import TSquared

_SOURCES: dict[str, type[AbstractUncertainty]] = {
    "committee": Spread,
    "coverage": Gap,
    "d-optimal": Grade,
    "evidential": Evidential,
    "hull": HullExit,
    "last-layer": LastLayer,
    "mahalanobis": Mahalanobis,
    "mean-variance": MeanVariance,
    "t-squared": TSquared,
}
"""By the names of their specifications."""
_KEY = "uncertainty"
_POTENTIAL, _SOURCE, _CALIBRATION = "potential", "source", "calibration"
"""How the tensors of each part begin."""


def save_uncertainty(uncertainty: AbstractUncertainty, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write an uncertainty to a `.safetensors` file, whole or not at all; the path.

    **Raises:** `InputError` for a potential that is not trained, or numbers that are not finite; `StorageError` when
    the file exists or cannot be written.
    """
    path = Path(path).expanduser()
    check_target(path, overwrite=overwrite)
    layer = uncertainty if isinstance(uncertainty, Calibrated) else None
    source = layer.source if layer else uncertainty
    spec = source.potential.spec
    parts = {_POTENTIAL: source.potential, _SOURCE: _without_potential(source)}
    parts |= {_CALIBRATION: layer.calibration} if layer else {}
    tensors = {f"{name}.{place}": leaf for name, part in parts.items() for place, leaf in _by_place(part).items()}
    header = header_text(
        family=spec.registered_name,
        specification=spec.describe(),
        elements=list(spec.elements or ()),
        card={},
        **{_KEY: _described(source, layer)},
    )
    write(path, save({name: _finite(name, tensor) for name, tensor in tensors.items()}, header))
    return path


def load_uncertainty(path: Path | str) -> AbstractUncertainty:
    """The uncertainty in a file.

    **Raises:** `InputError` for anything but a whole file that `save_uncertainty` wrote.
    """
    path = Path(path).expanduser()
    with opened(path) as (file, header):
        told = _told(path, header)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    form = eqx.filter_eval_shape(specification(path, header).build)
    potential = _filled(path, _POTENTIAL, form.inner if isinstance(form, Trained) else form, tensors)
    source = _source(path, told, potential, tensors)
    if _CALIBRATION not in told:
        return source
    kind = CALIBRATIONS[told[_CALIBRATION]]
    calibration = kind(**_fields(_CALIBRATION, tensors))
    return Calibrated(source, calibration, ForceBalls(**told["balls"]) if told["balls"] else None)


def read_uncertainty_header(path: Path | str) -> dict[str, Any]:
    """What the file of an uncertainty says of it, numbers unread: source, its unit, and whether it is calibrated.

    **Raises:** `InputError` for anything but the file of an uncertainty.
    """
    path = Path(path).expanduser()
    with opened(path) as (_, header):
        return _told(path, header)


def _told(path: Path, header: Mapping[str, Any]) -> dict[str, Any]:
    told = header.get(_KEY)
    if not isinstance(told, dict):
        raise InputError(f"{path} holds a potential without an uncertainty; make one by %mlip calibrate, and save that")
    if told.get("source") not in _SOURCES or told.get(_CALIBRATION, "scale") not in CALIBRATIONS:
        raise InputError(f"{path} holds an uncertainty of an unknown kind ({told.get('source')}); update mlip_nb")
    return told


def _described(source: AbstractUncertainty, layer: Calibrated | None) -> dict[str, Any]:
    """**Raises:** `InputError` for a source of somebody else."""
    name = next((name for name, kind in _SOURCES.items() if type(source) is kind), None)
    if name is None:
        raise InputError(f"{type(source).__name__} is no uncertainty that is kept in files; keep what makes it")
    told: dict[str, Any] = {"source": name, "source_unit": source.unit, "settings": _settings(source)}
    if layer:
        told |= {_CALIBRATION: layer.calibration.name, "balls": vars(layer.balls) if layer.balls else None}
    return told


def _settings(source: AbstractUncertainty) -> dict[str, Any]:
    """Fields that are plain numbers, which decide on shapes."""
    values = {one.name: getattr(source, one.name) for one in dataclasses.fields(source)}
    return {name: value for name, value in values.items() if isinstance(value, (bool, int, float))}


def _source(path: Path, told: Mapping[str, Any], potential, tensors: Mapping[str, np.ndarray]) -> AbstractUncertainty:
    kind = _SOURCES[told["source"]]
    fields: dict[str, Any] = _fields(_SOURCE, tensors) | told["settings"]
    if kind in (MeanVariance, Evidential):
        form = eqx.filter_eval_shape(network, len(fields["center"]), kind.parameters)
        fields["network"] = _filled(path, f"{_SOURCE}.network", form, tensors)
    try:
        return kind(potential=potential, **fields)
    except TypeError as error:
        raise InputError(f"{path} lacks a part of its uncertainty ({error}); save it anew") from error


def _fields(begin: str, tensors: Mapping[str, np.ndarray]) -> dict[str, jax.Array]:
    """Tensors that are fields themselves."""
    found = {name.removeprefix(f"{begin}."): tensor for name, tensor in tensors.items() if name.startswith(f"{begin}.")}
    return {name: jnp.asarray(tensor) for name, tensor in found.items() if "." not in name}


def _filled(path: Path, begin: str, form: Any, tensors: Mapping[str, np.ndarray]) -> Any:
    """A form with the tensors of its places.

    **Raises:** `InputError` for one that is missing, or of another shape.
    """

    def tensor(place: tuple, leaf: Any) -> Any:
        if not isinstance(leaf, jax.ShapeDtypeStruct):
            return leaf
        name = f"{begin}.{_name(place)}"
        if name not in tensors or tensors[name].shape != leaf.shape:
            raise InputError(f"{path} has no tensor {name} of shape {leaf.shape}; save it anew")
        return jnp.asarray(tensors[name], leaf.dtype)

    return jax.tree_util.tree_map_with_path(tensor, form)


def _without_potential(source: AbstractUncertainty) -> AbstractUncertainty:
    return eqx.tree_at(lambda one: one.potential, source, None)


def _by_place(part: Any) -> dict[str, Any]:
    flat, _ = jax.tree_util.tree_flatten_with_path(eqx.filter(part, eqx.is_array))
    return {_name(place): leaf for place, leaf in flat}


def _name(place: tuple) -> str:
    return jax.tree_util.keystr(place, simple=True, separator=".")


def _finite(name: str, tensor: Any) -> np.ndarray:
    array = np.asarray(tensor)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"this uncertainty: {name} is not finite, so it is not kept; fit it again")
    return array
