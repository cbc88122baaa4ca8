"""One question to an oracle, in this process or, where it may take too long, in one of its own that can be ended."""

import pickle
import subprocess
import sys
import tempfile
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

    With a `timeout`, seconds, a process of its own is asked: one that hangs is ended, and one that crashes takes
    nothing with it.
    """
    import cloudpickle

    if timeout is None:
        oracle, system = cloudpickle.loads(packed)
        return oracle.answer(system)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "answer"
        try:
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(target)], input=packed, capture_output=True, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            return Answer(seconds=timeout, problem=f"no answer after {timeout:g} s")
        if target.exists():
            return pickle.loads(target.read_bytes())  # noqa: S301 - written by the process above
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return Answer(problem=f"its process ended with code {done.returncode}: {' '.join(last)[:200]}")
