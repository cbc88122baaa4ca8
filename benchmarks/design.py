"""A hidden alloy is found again from three of its properties: exact gradients beside what needs none.

    python benchmarks/design.py [--seeds 5]

Eight sites of a relaxed Lennard-Jones crystal, each a mixture of three elements: 24 numbers. Targets are the lattice
constant, the bulk modulus and the energy of a mixture drawn at random; counted are evaluations until the sum of squared
relative errors is below 1e-8. One evaluation with its gradient counts as one; its time is told beside.
"""

import argparse
import time

import jax
import jax.numpy as jnp
import numpy as np

import mlip_nb
from mlip_nb.design import (
    Campaign,
    Multipliers,
    Problem,
    Settings,
    Stage,
    freedom_of,
    in_double,
    optimizers,
    variables_of,
)

NAMES = ("lattice_constant", "bulk_modulus", "energy")
GOOD = 1e-8
MOST = {"l-bfgs": 60, "gauss-newton": 60, "finite-differences": 40, "cma": 300}
"""Iterations."""


def problem_of(scales) -> Problem:
    system = mlip_nb.load("Kr", a=5.7, repeat=(2, 1, 1))
    potential = in_double(mlip_nb.potential("lennard-jones", cutoff=7.0))
    variables = variables_of(system, potential, ("species",), elements=("Ar", "Kr", "Xe"))
    free = freedom_of(system, positions=True, cell="full")
    return Problem(variables, Stage.of(system, potential, skin=0.15), free, tuple(zip(NAMES, scales, strict=True)))


def hidden(problem: Problem, seed: int) -> np.ndarray:
    """Properties of a mixture drawn at random."""
    vector = problem.variables.start(jax.random.key(1000 + seed), 1.0)[None]
    rest, settings = jnp.zeros((1, problem.relaxing.size)), Settings(jnp.zeros(3), jnp.ones(()))
    found = problem.evaluate(vector, rest, Multipliers.none(1, 0, 0), settings, "value")
    return np.array([float(found.seen[name][0]) for name in NAMES])


def search(problem: Problem, goals: np.ndarray, name: str, seed: int) -> tuple[int, float]:
    """Evaluations and seconds, compilation left out; infinitely many where it fails."""
    start = np.asarray(problem.variables.start(jax.random.key(seed), 0.3))[None]
    campaign = Campaign(problem, optimizers[name](), start, goals=goals, reach=20.0, seed=seed)
    campaign.step()
    began = time.perf_counter()
    for _ in range(MOST[name]):
        if campaign.best.objective[0] < GOOD:
            return campaign.evaluations, time.perf_counter() - began
        campaign.step()
    return np.inf, np.inf


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--optimizers", nargs="+", default=list(MOST))
    chosen = parser.parse_args()
    problem = problem_of((6.0, 3.0, 1.0))
    goals = [hidden(problem, seed) for seed in range(chosen.seeds)]
    print("| optimiser | evaluations, median | solved | seconds, median |\n|---|---|---|---|", flush=True)
    for name in chosen.optimizers:
        found = [search(problem, goal, name, seed) for seed, goal in enumerate(goals)]
        evaluations, seconds = np.median(found, axis=0)
        solved = sum(np.isfinite(count) for count, _ in found)
        print(f"| {name} | {evaluations:.0f} | {solved} of {len(found)} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
