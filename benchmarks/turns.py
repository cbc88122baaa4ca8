"""Processes that take turns, so that what else the machine does disturbs all of them alike."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable


class Worker:
    """A process that works when it is told to, on so many cores, and waits meanwhile."""

    def __init__(self, *command: object, cores: int):
        environment = os.environ | {"JAX_NUM_CPU_DEVICES": str(cores)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen([str(part) for part in command], env=environment, **pipes)

    def turn(self) -> float:
        """What it says of one go."""
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        """No more turns."""
        self._process.communicate("")


def keep_to(cores: int) -> None:
    """This process on the first cores there are."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))


def serve(go: Callable[[], float], lines: Iterable[str] = sys.stdin, *, aloud: bool = True) -> None:
    """The other end of a `Worker`: one go for each line, and what it gives."""
    for _ in lines:
        found = go()
        if aloud:
            print(found, flush=True)


def seconds(work: Callable[[], object]) -> float:
    """By the clock on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
