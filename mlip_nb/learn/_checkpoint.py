"""All that is needed to continue a training exactly, as bytes."""

import io
import json

import equinox as eqx

from ..errors import StorageError
from .trainer import TrainState

_KIND, _VERSION = "mlip_nb training", 1


def write_checkpoint(state: TrainState) -> bytes:
    """One JSON line that tells what this is, then arrays."""
    buffer = io.BytesIO()
    buffer.write(json.dumps({"kind": _KIND, "version": _VERSION}).encode() + b"\n")
    eqx.tree_serialise_leaves(buffer, state)
    return buffer.getvalue()


def read_checkpoint(data: bytes, like: TrainState) -> TrainState:
    """The state, of the form of a fresh one.

    **Raises:** `StorageError` when it is none of ours, or of another version or form.
    """
    buffer = io.BytesIO(data)
    try:
        header = json.loads(buffer.readline())
    except ValueError:
        header = {}
    if (header.get("kind"), header.get("version")) != (_KIND, _VERSION):
        raise StorageError("this is not a checkpoint of a training that this mlip_nb can read; train anew")
    try:
        return eqx.tree_deserialise_leaves(buffer, like)
    except (RuntimeError, ValueError, EOFError) as error:
        raise StorageError(f"the checkpoint is not of this potential ({error}); train anew") from error
