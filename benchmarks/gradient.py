"""A gradient through dynamics against the simulation itself: `python benchmarks/gradient.py [--repeats 5]`.

256 Lennard-Jones atoms at density 0.8442 (ε = 1 eV, σ = 1 Å, m = 1 amu, truncated at 2.5 σ), 0.002 τ a step, the
derivative of the final kinetic energy by ε; one core, float64, interleaved, medians. Memory: what XLA reserves for
temporaries, and how much the resident set of a fresh process grows while the compiled program runs.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import engines
import equinox as eqx
import jax

import mlip_nb
from mlip_nb import units

STEPS = (250, 1_000, 4_000)
ATOMS, TIMESTEP, SKIN = 256, 0.002, 0.3


def kinetic_energy(snapshot):
    return snapshot.kinetic_energy / ATOMS


def compiled(steps: int):
    """The simulation and its gradient, and what both take."""
    system, potential = engines.initial("LJ", ATOMS), engines.potential("LJ", "float64")
    options = {"timestep": units.from_internal(TIMESTEP, "fs"), "observe": kinetic_energy, "skin": SKIN}
    plan = mlip_nb.rollout(system, potential, mlip_nb.NVE(), steps=steps, **options).plan

    def final(epsilon):
        changed = eqx.tree_at(lambda p: p.epsilon, potential, epsilon)
        return mlip_nb.rollout(system, changed, mlip_nb.NVE(), steps=steps, plan=plan, **options).values[-1]

    programs = [jax.jit(function).lower(potential.epsilon).compile() for function in (final, jax.grad(final))]
    return (*programs, potential.epsilon)


def main(repeats: int) -> None:
    """One row for each number of steps."""
    print("| steps | forward s | gradient s | ratio | temporaries MB: forward, gradient | resident growth MB: both |")
    print("|---|---|---|---|---|---|")
    for steps in STEPS:
        forward, gradient, epsilon = compiled(steps)
        times = [(_time(forward, epsilon), _time(gradient, epsilon)) for _ in range(repeats)]
        ratio = statistics.median(slow / fast for fast, slow in times)
        seconds = [statistics.median(column) for column in zip(*times, strict=True)]
        megabytes = [program.memory_analysis().temp_size_in_bytes / 1e6 for program in (forward, gradient)]
        grown = [_growth_elsewhere(which, steps) for which in ("forward", "gradient")]
        print(
            f"| {steps} | {seconds[0]:.3f} | {seconds[1]:.3f} | {ratio:.2f} | {megabytes[0]:.2f}, {megabytes[1]:.2f} "
            f"| {grown[0]:.1f}, {grown[1]:.1f} |",
            flush=True,
        )


def _time(program, epsilon) -> float:
    """Processor seconds, which other programs disturb less than wall time; on one core they are the same."""
    began = time.process_time()
    jax.block_until_ready(program(epsilon))
    return time.process_time() - began


def _growth_elsewhere(which: str, steps: int) -> float:
    command = [sys.executable, __file__, "--grow", which, "--steps", str(steps)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def _growth(which: str, steps: int) -> float:
    """MB by which the resident set rises above its size just before the first call (Linux)."""
    forward, gradient, epsilon = compiled(steps)
    program = {"forward": forward, "gradient": gradient}[which]
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the compiler
    before = _status("VmRSS")
    jax.block_until_ready(program(epsilon))
    return (_status("VmHWM") - before) / 1e3


def _status(name: str) -> int:
    """kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--grow", choices=("forward", "gradient"), help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, default=STEPS[0], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grow:
        print(_growth(arguments.grow, arguments.steps))
    else:
        main(arguments.repeats)
