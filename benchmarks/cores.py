"""Two cores against one: a process with one core and one with two take turns, by wall time."""

import os
import statistics
import subprocess
import sys
import time

CASES = (("LJ", 32_000, 60), ("SW", 32_768, 60))
"""Kind, atoms, and steps in one go."""


def main(repeats: int) -> None:
    """One row a case."""
    print("| what | µs/atom/step, one core and two | one / two (min–max) |\n|---|---|---|")
    for kind, atoms, steps in CASES:
        one, two = (_worker(cores, kind, atoms, steps) for cores in (1, 2))
        pairs = [(_turn(one), _turn(two)) for _ in range(repeats + 1)][1:]
        ratios = sorted(alone / shared for alone, shared in pairs)
        one_core, two_cores = (statistics.median(column) / steps / atoms * 1e6 for column in zip(*pairs, strict=True))
        middle = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        print(f"| {kind} {atoms} | {one_core:.2f}, {two_cores:.2f} | {middle} |", flush=True)
        for worker in (one, two):
            worker.communicate("")


def _worker(cores: int, *case) -> subprocess.Popen:
    command = [sys.executable, __file__, str(cores), *map(str, case)]
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": str(cores)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def _turn(worker: subprocess.Popen) -> float:
    """Seconds of one go; the other process waits meanwhile."""
    worker.stdin.write("go\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def _work(cores: int, kind: str, atoms: int, steps: int) -> None:
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    import ours

    fleet = ours.Fleet([ours.Simulation(kind, atoms, "float64")])
    fleet.run(steps)
    for _ in sys.stdin:
        began = time.perf_counter()
        fleet.run(steps)
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    _work(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
