"""One thing against another on one core, interleaved: medians of ratios by processor time; and a million atoms."""

import os
import sys

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import resource
import statistics
import subprocess
import time
from collections.abc import Callable

import engines
import ours

from mlip_nb.simulate import ensembles

NVT, NPT = {"friction": 1.0}, {"pressure": 0.0}
ENSEMBLES = {"nvt-langevin": NVT, "npt-crescale": NPT, "npt-mtk": NPT}
MILLION = 1_000_188
"""63 cells of four atoms along each edge."""


def main(repeats: int) -> None:
    """All rows."""
    print("| what | µs/atom/step, the first and the second | ratio (min–max) |\n|---|---|---|")
    for kind, atoms in (("LJ", 4_000), ("SW", 4_096)):
        _ensembles(kind, atoms, repeats)
    for kind, atoms in (("LJ", 4_000), ("SW", 512)):
        own = ours.Simulation(kind, atoms, "float64")
        compare(f"jax_md / ours, {kind} {atoms}", engines.jax_md(kind, atoms, "float64"), own.run, atoms, repeats)
    _replicas(repeats)
    print(_elsewhere(MILLION, steps=6))


def _ensembles(kind: str, atoms: int, repeats: int) -> None:
    plain = ours.Simulation(kind, atoms, "float64")
    for name, options in ENSEMBLES.items():
        other = ours.Simulation(kind, atoms, "float64", ensembles[name](**options))
        compare(f"{name} / NVE, {kind} {atoms}", other.run, plain.run, atoms, repeats)
        if name == "nvt-langevin":
            slow = engines.ase_langevin(kind, atoms)
            compare(f"ASE's Langevin with our calculator / nvt-langevin, {kind}", slow, other.run, atoms, repeats)
    compare(f"whole step / forces alone, {kind} {atoms}", plain.run, plain.forces, atoms, repeats)


def _replicas(repeats: int, count: int = 8, atoms: int = 864) -> None:
    singles = [ours.Simulation("LJ", atoms, "float64", seed=seed) for seed in range(count)]

    def one_by_one(steps: int) -> None:
        for single in singles:
            single.run(steps)

    name = f"{count} replicas / {count} single runs, LJ {atoms}"
    compare(name, ours.Fleet(singles).run, one_by_one, count * atoms, repeats)


def compare(name: str, first: Callable, second: Callable, atoms: int, repeats: int) -> None:
    """One row. Each takes about as long, so that what disturbs the machine disturbs both."""
    steps = [_steps_for(run) for run in (first, second)]
    pairs = [
        tuple(processor_time(run, n) / n / atoms * 1e6 for run, n in zip((first, second), steps, strict=True))
        for _ in range(repeats)
    ]
    ratios = sorted(a / b for a, b in pairs)
    times = ", ".join(f"{statistics.median(column):.2f}" for column in zip(*pairs, strict=True))
    middle = statistics.median(ratios)
    print(f"| {name} | {times} | {middle:.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}) |", flush=True)


def _steps_for(run: Callable, seconds: float = 0.4) -> int:
    run(2)
    steps = 4
    while (taken := processor_time(run, steps)) < seconds / 4:
        steps *= 2
    return max(4, int(steps * seconds / taken))


def processor_time(run: Callable, steps: int) -> float:
    """Seconds, which other programs disturb less than those of the clock."""
    began = time.process_time()
    run(steps)
    return time.process_time() - began


def _elsewhere(atoms: int, steps: int) -> str:
    command = [sys.executable, __file__, str(atoms), str(steps)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _alone(atoms: int, steps: int) -> None:
    """Ours and LAMMPS in turns, and the most memory the process held before LAMMPS came."""
    simulation = ours.Simulation("LJ", atoms, "float64")
    simulation.run(steps)
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lammps = engines.lammps("LJ", atoms)
    lammps(steps)
    pairs = [(processor_time(simulation.run, steps), processor_time(lammps, steps)) for _ in range(3)]
    ratio = statistics.median(own / other for own, other in pairs)
    own, other = (statistics.median(column) / steps / atoms * 1e6 for column in zip(*pairs, strict=True))
    print(f"| ours / LAMMPS, LJ {atoms}, at most {gigabytes:.2f} GB | {own:.2f}, {other:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    _alone(*map(int, sys.argv[-2:]))
