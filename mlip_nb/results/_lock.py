"""One writer per store, known to all processes of the machine."""

import os
import sys
import weakref
from pathlib import Path

from ..errors import StorageError


class WriterLock:
    """Held from construction to `release`, or to the end of the process, however sudden.

    **Raises:** `StorageError` when somebody else holds it.
    """

    def __init__(self, file: Path, store: Path):
        handle = os.open(file, os.O_RDWR)
        # Also when the store is forgotten without being closed.
        self.release = weakref.finalize(self, os.close, handle)
        if not _try_lock(handle):
            self.release()
            raise StorageError(f"{store} is being written by a run; wait for it or stop it, or choose another path")


def _try_lock(handle: int) -> bool:
    if sys.platform == "win32":
        # A file that is open cannot be replaced there, so two writers get in each other's way loudly.
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
