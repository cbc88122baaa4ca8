"""Where a run writes, and what its Dataset says about how it was made."""

import datetime
import json
import platform
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ..errors import InputError, StorageError
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore, MemoryStore, ZarrStore
from ..simulate import read_header
from ..system import System
from ._base import Steering, Workflow, workflows

_RECORDED = ("mlip_nb", "jax", "jaxlib", "jax-md", "equinox", "numpy", "ase", "xarray")


@dataclass(frozen=True)
class Past:
    """What a store tells about the run it holds."""

    workflow: Workflow
    """The whole run, its continuation included."""
    step: int
    checkpoint: bytes
    steering: Steering


def new_store(
    path: Path | None, workflow: Workflow, system: System, potential: AbstractPotential, overwrite: bool
) -> AbstractStore:
    """An empty store, in memory when no path is given.

    **Raises:** `StorageError` when the path is taken and `overwrite` is False.
    """
    constants, attrs = workflow.constants(system), provenance(workflow, system, potential)
    if path is None:
        return MemoryStore(constants, attrs)
    return ZarrStore.create(path, constants, attrs, overwrite=overwrite)


def continue_store(
    path: Path, workflow: Workflow, system: System, potential: AbstractPotential
) -> tuple[AbstractStore, Past]:
    """The store at `path`, opened for more of the same run.

    **Raises:** `InputError` when system, potential or a parameter that cannot change on the way differ.
    """
    store = ZarrStore.reopen(path)
    with ExitStack() as refused:
        # A store that stays open is locked, for as long as the error's traceback is kept.
        refused.callback(store.close)
        past = _past(path, store, workflow, system, potential)
        refused.pop_all()
    return store, past


def _past(path: Path, store: ZarrStore, workflow: Workflow, system: System, potential: AbstractPotential) -> Past:
    past, checkpoint = store.dataset(), store.read_checkpoint()
    if checkpoint is None:
        raise StorageError(f"{path} has no checkpoint to continue from; start a new run from its last frame instead")
    if past["number"].values.tolist() != np.asarray(system.numbers).tolist():
        raise InputError(f"{path} holds other atoms than this system; load the structure it was made with")
    if past.attrs["potential_fingerprint"] != potential.fingerprint:
        raise InputError(f"{path} was made with another potential ({past.attrs['potential']}); use that one")
    former = workflows.build(past.attrs["params"])
    step = read_header(checkpoint)["step"]
    steering = [(int(at), values) for at, values in json.loads(past.attrs["steering"])]
    changes = _live_changes(former, steering, workflow, path)
    whole = former.extended(step + workflow.total)
    # A killed run may have stored frames after its last checkpoint; what follows need not agree with them.
    store.truncate(int((past["step"] <= step).sum()))
    store.update_attrs({"params": json.dumps(whole.describe())})
    return Past(whole, step, checkpoint, steering + ([(step, changes)] if changes else []))


def provenance(workflow: Workflow, system: System, potential: AbstractPotential) -> dict[str, object]:
    """Attributes of the Dataset: all that is needed to make it again."""
    return {
        "made_by": workflow.registered_name,
        "params": json.dumps(workflow.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "precision": potential.spec.precision,
        "pbc": json.dumps(list(system.pbc)),
        "seed": workflow.seed,
        "steering": "[]",
        "versions": json.dumps({name: version(name) for name in _RECORDED} | {"python": platform.python_version()}),
        "mlip_nb_version": version("mlip_nb"),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "status": "running",
        "message": "",
        "wall_time": 0.0,
    }


def _live_changes(former: Workflow, steering: Steering, wanted: Workflow, path: Path) -> dict[str, float]:
    """Live parameters that the continuation sets anew; anything else that differs is refused."""
    for _, values in steering:
        former = former.replace(**values)
    length = max(former.total, wanted.total)
    changes = {name: value for name, value in wanted.live().items() if former.live().get(name) != value}
    try:
        same = former.replace(**changes).extended(length) == wanted.extended(length)
    except InputError:
        same = False
    if not same:
        raise InputError(
            f"{path} was made with {json.dumps(former.describe())}; append continues a run with the same settings "
            "(live ones may change): start a new run from its last frame instead"
        )
    return changes
