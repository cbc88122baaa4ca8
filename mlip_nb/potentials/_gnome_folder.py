"""What is in the folder of a training of jax_md's network: a description in JSON and a checkpoint of flax (msgpack)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax

from ..errors import InputError
from ._foreign_tensors import arranged, form_of
from ._optional import load

ELEMENTS = 94
"""Inputs of the network; the package reads no other number."""
_NEEDED = {
    *("graph_net_steps", "use_sc", "nonlinearities", "n_elements", "hidden_irreps", "sh_irreps", "num_basis", "r_max"),
    *("radial_net_nonlinearity", "radial_net_n_hidden", "radial_net_n_layers", "n_neighbors", "scalar_mlp_std"),
}
"""What of the configuration the network is built from; most of the rest tells of the training."""
_SCALES = {"shift", "scale", "train_dataset"}
"""Units of energy: numbers, or the name of data whose numbers the package knows."""


def read_configuration(folder: Path) -> dict[str, Any]:
    """What config.json says of the network.

    **Raises:** `InputError` for a folder that is none of a training.
    """
    file = folder / "config.json"
    try:
        contents = json.loads(file.read_text())
        # The package writes JSON into JSON.
        contents = json.loads(contents) if isinstance(contents, str) else contents
        family, missing = contents.get("model_family", "nequip"), sorted(_NEEDED - contents.keys())
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}); give the folder of a model of jax_md") from error
    except (ValueError, AttributeError) as error:
        raise InputError(f"{file} describes no network of jax_md ({error}); give the folder of a model") from error
    if family != "nequip" or missing or contents["n_elements"] != ELEMENTS:
        why = (
            f"{', '.join(missing)} missing" if missing else f"model_family {family}, {contents['n_elements']} elements"
        )
        raise InputError(f"{file} describes no NequIP network of {ELEMENTS} elements: {why}; give the folder of one")
    return {name: value for name, value in contents.items() if name in _NEEDED | _SCALES}


def read_weights(folder: Path, form: Callable[[], Any]) -> Any:
    """The tensors of the only checkpoint, nested as `form()`; the optimiser's are passed over.

    **Raises:** `InputError` without a checkpoint or with several, and for tensors not those of the description.
    """
    files = sorted(folder.glob("*checkpoint*"))
    if len(files) != 1:
        raise InputError(f"{folder} has {len(files)} checkpoints; leave one, a file with checkpoint in its name")
    leaves = jax.tree.leaves_with_path(_restored(files[0]))
    found = {"/".join(str(entry.key) for entry in place): leaf for place, leaf in leaves}
    return arranged(files[0], found, form_of(folder, form), "/")


def _restored(file: Path) -> dict:
    """Step, weights and state of the optimiser, in this order; the second of them."""
    package = load("flax.serialization", install="pip install flax")
    try:
        contents = package.msgpack_restore(file.read_bytes())
        if isinstance(contents["1"], dict):
            return contents["1"]
        raise ValueError("no weights in the second place")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{file} is no checkpoint of flax ({error!r}); save the model anew") from error
