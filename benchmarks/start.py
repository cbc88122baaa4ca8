"""Seconds from the start of a kernel to the first frame of a run, compilation cache cold and warm."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

CELLS = (
    "%load_ext mlip_nb",
    "%mlip load Si --repeat 3,3,3 -o si --quiet",
    "run = %mlip md si --potential stillinger-weber --steps 100000000 --every 10 --background --quiet",
)
FIRST_FRAME = """
import time
while not run.series:
    time.sleep(0.005)
print(time.time())
run.stop()
"""


def main(repeats: int) -> None:
    """Print medians; a user who reads before typing finds the modules loaded in the background (`idle`)."""
    print("| compilation cache | idle before the first cell | kernel ready, s | first frame, s |\n|---|---|---|---|")
    for idle in (0.0, 12.0):
        cold, warm = [], []
        for _ in range(max(1, repeats // 2)):
            with tempfile.TemporaryDirectory() as cache:
                cold.append(_measure(Path(cache), idle))
                warm.append(_measure(Path(cache), idle))
        for name, runs in (("cold", cold), ("warm", warm)):
            ready, frame = (statistics.median(values) for values in zip(*runs, strict=True))
            print(f"| {name} | {idle:g} s | {ready:.2f} | {frame:.2f} |", flush=True)


def _measure(cache: Path, idle: float) -> tuple[float, float]:
    """Seconds until the kernel answers, and from the first cell (or the kernel's start) to the first frame."""
    began = time.time()
    manager, client = start_new_kernel(env={**os.environ, "MLIP_NB_CACHE": str(cache)})
    try:
        _execute(client, CELLS[0])
        ready = time.time()
        time.sleep(idle)
        origin = time.time() if idle else began
        for cell in CELLS[1:]:
            _execute(client, cell)
        return ready - began, float(_execute(client, FIRST_FRAME)) - origin
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _execute(client, code: str) -> str:
    """What the cell printed.

    **Raises:** `RuntimeError` when the cell failed.
    """
    printed: list[str] = []

    def listen(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, timeout=120, output_hook=listen)
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"].get("traceback", [])))
    return "".join(printed)


if __name__ == "__main__":
    main(4)
