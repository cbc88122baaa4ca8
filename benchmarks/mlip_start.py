"""Seconds of the first force call of a new process, compilation cache cold and warm."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

KINDS = ("small", "medium", "large", "mlip-Si")
CELLS = 4
"""Along each edge: 512 atoms."""


def main(repeats: int) -> None:
    """Medians; the potential is loaded and the crystal is there when the clock starts."""
    print("| first forces of 512 atoms | cold, s | warm, s |\n|---|---|---|")
    for kind in KINDS:
        cold, warm = zip(*(_pair(kind) for _ in range(max(1, repeats // 2))), strict=True)
        print(f"| {kind} | {statistics.median(cold):.2f} | {statistics.median(warm):.2f} |", flush=True)


def _pair(kind: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as cache:
        return _elsewhere(kind, cache), _elsewhere(kind, cache)


def _elsewhere(kind: str, cache: str) -> float:
    environment = os.environ | {"MLIP_NB_CACHE": cache}
    command = [sys.executable, __file__, kind]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return float(told.split()[-1])


def _first(kind: str) -> float:
    import engines

    import mlip_nb

    potential, crystal = engines.potential(kind, "mixed"), mlip_nb.from_ase(engines.structure(kind, 8 * CELLS**3))
    began = time.perf_counter()
    potential.evaluate(crystal).forces.block_until_ready()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(_first(sys.argv[1]))
