"""Where a run writes, where it begins, and what its Dataset says about how it was made."""

import datetime
import json
import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xarray as xr

from ..errors import InputError, MlipError, StorageError
from ..learn import Labelled, fingerprint
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore, MemoryStore, ZarrStore
from ..schedule import Ladder, plain
from ._base import Steering, Workflow, workflows
from ._helm import changed, steering_of, unaccepted

_RECORDED = ("mlip_nb", "jax", "jaxlib", "jax-md", "equinox", "numpy", "ase", "xarray")


@dataclass(frozen=True)
class Beginning:
    """Where a run begins: at the start, or where a former one ended."""

    store: AbstractStore
    workflow: Workflow
    """The whole run, its continuation included; its schedules know their times."""
    subject: Any
    """As it was when the run began."""
    step: int = 0
    checkpoint: bytes | None = None
    steering: Steering | None = None
    wall_time: float = 0.0


def begin(
    path: Path | None,
    workflow: Workflow,
    subject: Any,
    potential: AbstractPotential,
    *,
    overwrite: bool = False,
    append: bool = False,
) -> Beginning:
    """A new store, in memory when no path is given; with `append` the store at `path`, opened for more of its run.

    A store whose run was killed before its first frame has nothing to continue: it is begun anew.

    **Raises:** `StorageError` when the path is taken and neither is asked for, or nothing can be continued;
    `InputError` when subject, potential or a parameter that cannot change on the way are not those of the store.
    """
    if not append:
        return _anew(path, workflow, subject, potential, overwrite)
    if path is None:
        raise InputError("append continues a store; name it with save")
    store = ZarrStore.reopen(path)
    with ExitStack() as refused:
        # A store that stays open is locked, for as long as the error's traceback is kept.
        refused.callback(store.close)
        if store.length:
            beginning = _continued(path, store, workflow, subject, potential)
            refused.pop_all()
            return beginning
    return _anew(path, workflow, subject, potential, overwrite=True)


def standing(path: Path) -> tuple[Workflow, int]:
    """The run in a store as it was asked for last, and how many of its steps are done.

    **Raises:** `StorageError` for a store that no run has written.
    """
    from ..results import open_store

    return _standing(path, open_store(path))


def check_asked(path: Path, workflow: Workflow, subject: Any, potential: AbstractPotential) -> None:
    """Refuse a store of another run than the one asked for; lengths may differ.

    **Raises:** `InputError`, `StorageError`.
    """
    from ..results import open_store

    past = open_store(path)
    former, _ = _standing(path, past)
    _check_same(path, past, workflow, subject, potential)
    if former.extended(1).watched_as(None) != workflow.resolved().extended(1).watched_as(None):
        raise InputError(
            f"{path} was made with {json.dumps(former.describe())}; ask for the same, or write to another folder"
        )


def provenance(workflow: Workflow, subject: Any, potential: AbstractPotential) -> dict[str, object]:
    """Attributes of the Dataset: all that is needed to make it again."""
    return {
        "made_by": workflow.registered_name,
        "params": json.dumps(workflow.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "precision": potential.spec.precision,
        **workflow.identity(subject),
        "seed": workflow.seed,
        "steering": "[]",
        "versions": versions(),
        "mlip_nb_version": version("mlip_nb"),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "status": "running",
        "message": "",
        "done": 0,
        "wall_time": 0.0,
    }


def versions() -> str:
    """Of what results depend on, as JSON."""
    return json.dumps({name: version(name) for name in _RECORDED} | {"python": platform.python_version()})


def _anew(
    path: Path | None, workflow: Workflow, subject: Any, potential: AbstractPotential, overwrite: bool
) -> Beginning:
    workflow = workflow.resolved()
    constants, attrs = workflow.constants(subject), provenance(workflow, subject, potential)
    memory = path is None
    store = MemoryStore(constants, attrs) if memory else ZarrStore.create(path, constants, attrs, overwrite=overwrite)
    return Beginning(store, workflow, subject)


def _continued(
    path: Path, store: ZarrStore, workflow: Workflow, subject: Any, potential: AbstractPotential
) -> Beginning:
    past, checkpoint = store.dataset(), store.read_checkpoint()
    if checkpoint is None:
        raise StorageError(f"{path} has no checkpoint to continue from; start a new run from its last frame instead")
    former, known = _standing(path, past)
    _check_same(path, past, workflow, subject, potential)
    steering = unaccepted(steering_of(past.attrs["steering"]))
    whole = former.watched_as(workflow).extended(known + workflow.total)
    asked = workflow.extended(whole.total).resolved(known).live()
    changes = {name: plain(asked[name]) for name in _live_changes(former, steering, workflow, path)}
    # What a killed run stored after its checkpoint comes once more, the same; changes hold from what is known on.
    steering += [(known, changes)] if changes else []
    store.rewind()
    store.update_attrs({"params": json.dumps(whole.describe()), "status": "running", "message": ""})
    began = workflow.as_begun(past, subject)
    done, wall_time = int(past.attrs["done"]), float(past.attrs["wall_time"])
    return Beginning(store, whole, began, done, checkpoint, steering, wall_time)


def _standing(path: Path, past: xr.Dataset) -> tuple[Workflow, int]:
    """A killed run may have stored frames after its last checkpoint."""
    try:
        former = workflows.build(past.attrs["params"])
        stored = int(past[former.counts][-1]) if past.sizes.get("frame") else 0
        return former, max(stored, int(past.attrs["done"]))
    except (KeyError, ValueError, MlipError) as error:
        raise StorageError(
            f"{path} does not say how it was made in a way this mlip_nb knows ({error}); start a new run from its "
            "last frame"
        ) from error


def _check_same(path: Path, past: xr.Dataset, workflow: Workflow, subject: Any, potential: AbstractPotential) -> None:
    """**Raises:** `InputError` for another subject or another potential."""
    workflow.check_same(path, past, subject)
    if past.attrs["precision"] != potential.spec.precision:
        raise InputError(
            f"{path} was computed in {past.attrs['precision']}, this potential works in {potential.spec.precision}; "
            "use the same"
        )
    if past.attrs["potential_fingerprint"] != potential.fingerprint:
        raise InputError(f"{path} was made with another potential ({past.attrs['potential']}); use that one")


def _live_changes(former: Workflow, steering: Steering, wanted: Workflow, path: Path) -> set[str]:
    """Live parameters that the continuation sets anew; anything else that differs is refused.

    The schedule of the whole former run, asked for once more, is no change: it goes on. Ladders tell replicas apart
    and stay.
    """
    wanted, length = wanted.extended(former.total).resolved(), former.total
    for _, values in steering:
        former = changed(former, values)
    free = {name: value for name, value in wanted.live().items() if not isinstance(value, Ladder)}
    changes = {name: value for name, value in free.items() if former.live().get(name) != value}
    try:
        same = former.replace(**changes).extended(length).watched_as(None) == wanted.extended(length).watched_as(None)
    except InputError:
        same = False
    if not same:
        raise InputError(
            f"{path} was made with {json.dumps(former.describe())}; append continues a run with the same settings "
            "(live ones may change): start a new run from its last frame instead"
        )
    return set(changes)


def stamp() -> dict[str, str]:
    """With what, and when: attributes of whatever is made."""
    return {
        "versions": versions(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def compared(
    made_by: str, potentials: Mapping[str, AbstractPotential], frames: Sequence[Labelled]
) -> dict[str, object]:
    """Attributes of what several potentials say of the same frames."""
    return {
        "made_by": made_by,
        "potentials": json.dumps({name: potential.fingerprint for name, potential in potentials.items()}),
        "data": json.dumps({"frames": len(frames), "sha256": fingerprint(frames)}),
        **stamp(),
    }
