"""What is in a `.zip` file of InstaDeep's mlip: a description in JSON and arrays; nothing in it can run."""

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from ase.data import chemical_symbols

from ..errors import InputError
from ._foreign_tensors import arranged, form_of

_DESCRIPTION, _ARRAYS = "hyperparams.json", "params.npz"
_LARGEST = {_DESCRIPTION: 1 << 24, _ARRAYS: 1 << 32}
"""Bytes: longer than any model's, and short enough that a file made to fill the memory does not."""
_ARCHITECTURES = {"correlation": "Mace", "target_irreps": "Nequip", "node_irreps": "Nequip", "vecnorm_type": "Visnet"}
"""By a hyperparameter that no other one has: the file does not name it."""
_BEYOND = {"use_coulomb_term": "a Coulomb term", "use_total_charge_embedding": "the total charge"}
"""What models may need beyond positions and elements."""
_NETWORK = ("params", "mlip_network")
"""Where the package keeps the weights of the network."""


@dataclass(frozen=True)
class Description:
    """A model without its weights."""

    text: str
    """Architecture, hyperparameters and what the data had to say, JSON."""
    elements: tuple[str, ...]
    """By atomic number."""
    cutoff: float
    """Å."""


def read_description(path: Path) -> Description:
    """What the file says of its model.

    **Raises:** `InputError` for a file that is none, and for a model that needs more than positions and elements.
    """
    text = _member(path, _DESCRIPTION)
    try:
        description, needs = _described(json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} describes no MACE, NequIP or ViSNet of mlip ({why}); give a file of one") from error
    if needs:
        raise InputError(f"{path} needs {' and '.join(needs)}, not only positions and elements; use mlip's calculator")
    return description


def read_weights(path: Path, form: Callable[[], Any]) -> Any:
    """The arrays of the network, nested as `form()`, whose leaves have the shapes to be found.

    **Raises:** `InputError` for arrays that are damaged, or not those of the description.
    """
    found, wanted = _arrays(path), form_of(path, form)
    ranks = [leaf.ndim for leaf in jax.tree.leaves(wanted)]
    # Version 0.1 kept an axis for devices, along which all are equal.
    if sum(array.ndim for array in found.values()) == sum(ranks) + len(ranks):
        found = {name: array[0] for name, array in found.items()}
    outer, inner = _NETWORK
    return arranged(path, found, {outer: {inner: wanted}}, "#")[outer][inner]


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(io.BytesIO(_member(path, _ARRAYS)), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, EOFError, OSError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: {_ARRAYS} is damaged, or holds no numbers ({error}); save the model anew") from error


def _member(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(name).file_size > _LARGEST[name]:
                raise InputError(f"{path}: {name} is too large to be a model's; give a file of save_model_to_zip")
            return archive.read(name)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a .zip file") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path} is no model of mlip ({error}); give a .zip file of save_model_to_zip") from error


def _described(contents: dict) -> tuple[Description, list[str]]:
    """The description, and what its model needs beyond positions and elements."""
    config, data = contents["config"], dict(contents["dataset_info"])
    architecture = next((name for key, name in _ARCHITECTURES.items() if key in config), None)
    if architecture is None:
        raise ValueError("its hyperparameters are those of another architecture")
    # Version 0.1 had another word for it, and a field that version 0.2 has no more.
    data["graph_cutoff_angstrom"] = data.pop("cutoff_distance_angstrom", None) or data["graph_cutoff_angstrom"]
    models = "models_v1" if "atomic_energies" in config else "models"
    parts = {"models": models, "architecture": architecture, "config": config, "dataset_info": data}
    energies = data["atomic_energies_map"]
    needs = [what for key, what in _BEYOND.items() if config.get(key)]
    needs += ["a choice of head"] * (config.get("num_readout_heads", 1) != 1)
    needs += ["a choice of data set"] * isinstance(energies, list)
    elements = () if needs else tuple(chemical_symbols[number] for number in sorted(map(int, energies)))
    return Description(json.dumps(parts), elements, float(data["graph_cutoff_angstrom"])), needs
