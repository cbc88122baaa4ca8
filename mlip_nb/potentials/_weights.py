"""Trained potentials in files: the specification builds the form, tensors named by their place fill it."""

from collections.abc import Mapping
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from ..errors import InputError
from ._base import AbstractPotential
from ._spec import PotentialSpec, potentials
from ._weights_file import check_target, header_text, opened, write

TRAINABLE = ("gaunt",)
"""Families whose weights may come from a file. The others must not: `ase` calls whatever its specification names."""

_DTYPES = {"F32": "float32", "F64": "float64"}
"""How weights are stored: name in safetensors -> of NumPy."""


def save_weights(
    potential: AbstractPotential, path: Path | str, card: Mapping[str, object] = {}, *, overwrite: bool = False
) -> Path:
    """Write a trained potential to a `.safetensors` file, whole or not at all; the path.

    `card` is what else there is to say, in plain JSON: origin, licence, training data, errors, validity. `--potential`
    and the table of potentials show its `origin` and `licence`.

    **Raises:** `InputError` for a potential that cannot be rebuilt from its specification and weights, or whose weights
    are not finite; `StorageError` when the file exists or cannot be written.
    """
    from .trained import Trained

    path = Path(path).expanduser()
    check_target(path, overwrite=overwrite)
    # One that was loaded from a file wraps what is saved.
    potential = potential.inner if isinstance(potential, Trained) else potential
    spec = potential.spec
    header = header_text(
        family=spec.registered_name, specification=spec.describe(), elements=_elements(spec), card=dict(card)
    )
    write(path, save(_weights(potential), header))
    return path


def load_weights(path: Path | str, *, precision: str | None = None) -> AbstractPotential:
    """The potential in a file, in a precision of its specification (the one it was saved in when not given).

    **Raises:** `InputError` for anything but a whole file whose weights fit its specification and are finite.
    """
    path = Path(path).expanduser()
    with opened(path) as (file, header):
        form = eqx.filter_eval_shape(specification(path, header, precision).build)
        names = file.keys()
        _check_shapes(str(path), _by_place(form), {name: file.get_slice(name).get_shape() for name in names})
        return jax.tree_util.tree_map_with_path(
            lambda place, leaf: _tensor(path, file, _name(place), leaf.dtype) if _is_shape(leaf) else leaf, form
        )


def specification(path: Path, header: Mapping, precision: str | None = None) -> PotentialSpec:
    """That of the potential in a file.

    **Raises:** `InputError` for a family that is not loaded from files, or parameters that it refuses.
    """
    family = header["family"]
    if family not in TRAINABLE:
        known = ", ".join(TRAINABLE)
        raise InputError(f"{path} holds weights of the unknown family {family!r}, not of {known}; update mlip_nb")
    changes = {"precision": precision} if precision else {}
    try:
        spec = potentials.build(header["specification"] | {"name": family} | changes)
    except InputError as error:
        raise InputError(f"{path} has a specification that is refused ({error}); update mlip_nb") from error
    if list(spec.elements) != header["elements"]:
        told = f"elements {header['elements']}, its specification {list(spec.elements)}"
        raise InputError(f"{path} is inconsistent: its header has the {told}; save it anew")
    return spec


def _elements(spec: PotentialSpec) -> list[str]:
    """**Raises:** `InputError` for a family without weights of its own."""
    if spec.registered_name not in TRAINABLE:
        raise InputError(
            f"{spec.registered_name or type(spec).__name__} is not trained, so there are no weights to save: keep its "
            f"name and parameters; families that are trained: {', '.join(TRAINABLE)}"
        )
    return list(spec.elements)


def _weights(potential: AbstractPotential) -> dict[str, np.ndarray]:
    """Tensor of each place, once it is sure that they can be loaded again."""
    spec = potential.spec
    form, weights = eqx.filter_eval_shape(potentials.build(spec.describe()).build), _by_place(potential)
    whose = f"this {spec.registered_name} potential"
    _check_shapes(whose, _by_place(form), {name: list(tensor.shape) for name, tensor in weights.items()})
    if jax.tree.structure(form) != jax.tree.structure(potential):
        raise InputError(f"{whose} differs from its specification in more than weights; change the specification")
    for name, tensor in weights.items():
        _check_finite(whose, name, tensor)
    return {name: np.asarray(tensor) for name, tensor in weights.items()}


def _tensor(path: Path, file: safe_open, name: str, dtype: jnp.dtype) -> jax.Array:
    stored = file.get_slice(name).get_dtype()
    if stored not in _DTYPES:
        raise InputError(f"{path}: tensor {name} is of {stored}, not of {' or '.join(_DTYPES)}; save it in one of them")
    # What is too large for single precision becomes infinite, and is found below.
    with np.errstate(over="ignore"):
        tensor = file.get_tensor(name).astype(dtype)
    _check_finite(str(path), name, tensor)
    return jnp.asarray(tensor)


def _check_finite(whose: str, name: str, tensor: np.ndarray | jax.Array) -> None:
    wrong = tensor.size - np.count_nonzero(np.isfinite(tensor))
    if wrong:
        raise InputError(
            f"{whose}: {wrong} of {tensor.size} weights in {name} are not finite {tensor.dtype}; train again"
        )


def _check_shapes(whose: str, expected: Mapping[str, jax.ShapeDtypeStruct], found: Mapping[str, list[int]]) -> None:
    """**Raises:** `InputError` that names the first tensor which is missing, too many, or of another shape."""
    for name in sorted(expected.keys() ^ found.keys()):
        what = "has no tensor" if name in expected else "has a tensor that is not of its specification,"
        raise InputError(f"{whose} {what} {name}; save it anew with the mlip_nb that trained it")
    for name, shape in expected.items():
        if tuple(found[name]) != shape.shape:
            raise InputError(
                f"{whose}: tensor {name} has shape {tuple(found[name])}, its specification asks for {shape.shape}; "
                "save it anew with the mlip_nb that trained it"
            )


def _by_place(potential: AbstractPotential) -> dict:
    """`first.invariants.mixing` -> the tensor there, or its shape."""
    flat, _ = jax.tree_util.tree_flatten_with_path(
        eqx.filter(potential, lambda leaf: eqx.is_array(leaf) or _is_shape(leaf))
    )
    return {_name(place): leaf for place, leaf in flat}


def _name(place: tuple) -> str:
    return jax.tree_util.keystr(place, simple=True, separator=".")


def _is_shape(leaf: object) -> bool:
    return isinstance(leaf, jax.ShapeDtypeStruct)
