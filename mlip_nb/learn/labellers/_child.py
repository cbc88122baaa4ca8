"""One question to an oracle, in this process or, where it may take too long, in one of its own that can be ended."""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from ._base import Answer

_CHILD = """
import pickle, sys
import mlip_nb.system  # sets the precision of JAX before anything is unpacked
import cloudpickle
oracle, system = cloudpickle.loads(sys.stdin.buffer.read())
answer = oracle.answer(system)
open(sys.argv[1], "wb").write(pickle.dumps(answer))
"""


def asked(packed: bytes, timeout: float | None) -> Answer:
    """The answer to `cloudpickle.dumps((oracle, system))`.

    With a `timeout`, seconds, a process of its own is asked: one that hangs is ended with all that it has started, and
    one that crashes takes nothing with it. Its temporary files end with it.
    """
    import cloudpickle

    if timeout is None:
        oracle, system = cloudpickle.loads(packed)
        return oracle.answer(system)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "answer"
        process = _begun(target)
        try:
            _, said = process.communicate(packed, timeout)
        except subprocess.TimeoutExpired:
            return Answer(seconds=timeout, problem=f"no answer after {timeout:g} s")
        finally:
            _end(process)
        if target.exists():
            return pickle.loads(target.read_bytes())  # noqa: S301 - written by the process above
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        return Answer(problem=f"its process ended with code {process.returncode}: {' '.join(last)[:200]}")


def _begun(target: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, so that a code that it starts can be ended with it."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(target)],
        stdin=pipe,
        stdout=subprocess.DEVNULL,
        stderr=pipe,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(target.parent)},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """And all that it has started, unless it has ended by itself."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        # It may have ended by itself by now.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
