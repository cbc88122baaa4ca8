"""Eight replicas in one program against eight single runs, 864 Lennard-Jones atoms, interleaved in one process.

Also side by side (`vmap`), which is for GPUs. Times are of whole simulations with their host loop, compiled before.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import statistics
import sys
import time
from collections.abc import Callable

import engines
import jax

from mlip_nb.simulate import NVE, Layout, simulate, start_state

ATOMS, REPLICAS, REPEATS = 864, 8, 5


def main(steps: int) -> None:
    """Print a table; the ratio is to single runs, one after another."""
    ways = {"8 single runs": _apart, "8 replicas": _one_after_another, "8 replicas side by side (vmap)": _side_by_side}
    runs = {name: make() for name, make in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for run in runs.values():
        run(steps // 10)
    for _ in range(REPEATS):
        for name, run in runs.items():
            # Side by side everybody waits for everybody, many times as long on a CPU.
            taken = steps // 10 if "vmap" in name else steps
            began = time.perf_counter()
            run(taken)
            times[name].append((time.perf_counter() - began) / (taken * ATOMS * REPLICAS) * 1e6)
    single = statistics.median(times["8 single runs"])
    print(f"### 8 × LJ {ATOMS} atoms, {steps} steps\n")
    print("| how | µs/atom/step | min–max | / single runs |\n|---|---|---|---|")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"| {name} | {median:.3f} | {min(taken):.3f}–{max(taken):.3f} | {median / single:.2f} |")


def _apart() -> Callable[[int], None]:
    simulations = [_simulation(start, None) for start in _starts()]
    return lambda steps: [run(steps) for run in simulations]


def _one_after_another() -> Callable[[int], None]:
    return _simulation(_starts(), Layout(together=False, devices=tuple(jax.local_devices()[:1])))


def _side_by_side() -> Callable[[int], None]:
    return _simulation(_starts(), Layout(together=True, devices=tuple(jax.local_devices()[:1])))


def _starts() -> list:
    """Replicas differ in their momenta: each rebuilds its neighbours when it must."""
    system = engines.initial("LJ", ATOMS)
    integrator = NVE().integrator(engines.TIMESTEP["LJ"])
    moving = [
        system.with_momenta(engines.draw_momenta(system, engines.KT["LJ"], key=jax.random.PRNGKey(k))) for k in range(8)
    ]
    return [start_state(one, integrator, key=jax.random.PRNGKey(0)) for one in moving]


def _simulation(start, layout: Layout | None) -> Callable[[int], None]:
    potential, integrator = engines.potential("LJ", "float64"), NVE().integrator(engines.TIMESTEP["LJ"])

    def run(steps: int) -> None:
        chunks = simulate(
            start,
            potential,
            integrator,
            lambda step: ({}, steps),
            pbc=(True, True, True),
            steps=steps,
            every=10**8,
            skin=engines.SKIN["LJ"],
            layout=layout,
        )
        for _ in chunks:
            pass

    return run


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
