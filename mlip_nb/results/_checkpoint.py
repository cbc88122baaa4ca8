"""The checkpoint of a store: one of two files by turns, named by the commit marker together with the frames before it.

So frames and checkpoint change in one piece: whoever continues finds neither a gap nor a frame too many.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ._commit import ASIDE, CHECKPOINT
from ._files import Files

_SLOTS = (f"{ASIDE}/checkpoint-0", f"{ASIDE}/checkpoint-1")


def draft_checkpoint(files: Files, attributes: Mapping[str, Any], data: bytes, frames: int) -> dict[str, Any]:
    """Write the file that `attributes` do not name. **Returns:** the attribute that names it, to be committed."""
    slot = _SLOTS[attributes.get(CHECKPOINT, {}).get("file") == _SLOTS[0]]
    files.write(slot, data)
    return {CHECKPOINT: {"file": slot, "sha256": hashlib.sha256(data).hexdigest(), "frames": frames}}


def read_checkpoint(path: Path, attributes: Mapping[str, Any]) -> bytes | None:
    """The checkpoint that the attributes of a store name, if they do.

    **Raises:** `StorageError` when its file is not as it was written.
    """
    entry = attributes.get(CHECKPOINT)
    if entry is None:
        return None
    try:
        data = (path / entry["file"]).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise StorageError(
            f"the checkpoint of {path} is damaged, its frames can be read; start a new run from its last frame"
        )
    return data


def frames_before(attributes: Mapping[str, Any]) -> int:
    """Frames that were stored when the checkpoint was."""
    return attributes[CHECKPOINT]["frames"]
