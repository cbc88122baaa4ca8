"""A whole step of molecular dynamics of silicon, list and skin included: ours in single precision, and SNAP in LAMMPS.

Every engine has a process of its own, on one core and on two (LAMMPS: two MPI ranks), and they take turns.
"""

import os
import statistics
import sys
from collections.abc import Iterator

import numpy as np
import turns

ATOMS = (512, 4_096)
OURS = ("small", "medium", "large", "mlip-Si")
PEER = "SNAP"
_SECONDS = 1.0
"""One go takes about as long, but takes steps within these bounds: crystals of random potentials fall apart in time."""
_FEWEST, _MOST = 6, 60


def main(repeats: int) -> None:
    """One table for each number of cores and atoms; the ratio is to SNAP of the same turn."""
    for cores in (1, 2):
        for atoms in ATOMS:
            workers = {kind: _worker(kind, atoms, cores) for kind in (PEER, *OURS)}
            rounds = [{kind: worker.turn() for kind, worker in workers.items()} for _ in range(repeats + 1)][1:]
            for worker in workers.values():
                worker.end()
            _report(atoms, cores, rounds)


def _report(atoms: int, cores: int, rounds: list[dict[str, float]]) -> None:
    print(f"\n| silicon {atoms}, cores: {cores} | µs/atom/step (min–max) | / {PEER} (min–max) |\n|---|---|---|")
    for kind in rounds[0]:
        times, ratios = [one[kind] for one in rounds], [one[kind] / one[PEER] for one in rounds]
        print(f"| {kind} | {_told(times)} | {_told(ratios)} |", flush=True)


def _told(values: list[float]) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g}–{max(values):.3g})"


def _worker(kind: str, atoms: int, cores: int) -> turns.Worker:
    ranks = ("mpiexec", "-n", cores) if kind == PEER and cores > 1 else ()
    return turns.Worker(*ranks, sys.executable, __file__, kind, atoms, cores, cores=cores)


def _ours(kind: str, atoms: int, cores: int) -> None:
    turns.keep_to(cores)
    if cores == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import ours

    fleet = ours.Fleet([ours.Simulation(kind, atoms, "float32")])

    def run(steps: int) -> None:
        fleet.rewind()
        fleet.run(steps)

    run(_FEWEST)
    turns.serve(_per_atom_and_step(run, atoms))


def _snap(kind: str, atoms: int, cores: int) -> None:
    from mpi4py import MPI

    ranks = MPI.COMM_WORLD
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[ranks.rank]})
    import engines

    run = engines.lammps(kind, atoms)
    run(_FEWEST)
    turns.serve(_per_atom_and_step(run, atoms, ranks.bcast), _lines(ranks), aloud=ranks.rank == 0)


def _lines(ranks) -> Iterator[str]:
    """What the first rank reads, for all of them."""
    while line := ranks.bcast(sys.stdin.readline() if ranks.rank == 0 else None):
        yield line


def _per_atom_and_step(run, atoms: int, agreed=lambda steps: steps):
    """µs of one go; `agreed` makes ranks take as many steps."""
    taken = turns.seconds(lambda: run(_FEWEST)) / _FEWEST
    steps = agreed(int(np.clip(_SECONDS / taken, _FEWEST, _MOST)))
    return lambda: turns.seconds(lambda: run(steps)) / steps / atoms * 1e6


if __name__ == "__main__":
    kind, *counts = sys.argv[1:]
    (_snap if kind == PEER else _ours)(kind, *map(int, counts))
