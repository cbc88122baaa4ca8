"""One thing a learned potential does against another, on one core, interleaved: medians of ratios by processor time."""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from collections.abc import Callable

import engines
import equinox as eqx
import jax
import jax.numpy as jnp
import table

import mlip_nb
from mlip_nb.neighbors import finder
from mlip_nb.potentials import Edges, differentiable

SMALL, LARGE = 512, 4_096
"""Atoms."""


def main(repeats: int) -> None:
    """All rows."""
    print("| the first / the second, silicon | µs/atom, each | ratio (min–max) |\n|---|---|---|")
    for kind in engines.SIZES:
        potential = engines.potential(kind, "float32")
        edges = _edges(potential, SMALL)
        forces = _calls(_forces, potential, edges)
        _row(f"energy, forces and stress / energy and forces, {kind}", _calls(_all, potential, edges), forces, repeats)
        _row(f"Hessian times vector / energy and forces, {kind}", _calls(_bend, potential, edges), forces, repeats)
        _committee(kind, edges, forces, repeats)
        _scaling(kind, potential, forces, repeats)


def _committee(kind: str, edges: Edges, single: Callable, repeats: int) -> None:
    four = mlip_nb.potential("gaunt", symbols=("Si",), size=kind, members=4, precision="float32")
    _row(f"four members with spread / one, {kind}", _calls(_spread, four, edges), single, repeats)
    _row(f"mean of four members / one, {kind}", _calls(_forces, four, edges), single, repeats)


def _scaling(kind: str, potential, forces: Callable, repeats: int) -> None:
    times = LARGE // SMALL
    larger = _calls(_forces, potential, _edges(potential, LARGE))
    table.compare(f"{LARGE} atoms / {SMALL}, {kind}", larger, lambda count: forces(times * count), LARGE, repeats)


def _row(name: str, first: Callable, second: Callable, repeats: int) -> None:
    table.compare(name, first, second, SMALL, repeats)


def _edges(potential, atoms: int) -> Edges:
    crystal = engines.structure("medium", atoms)
    crystal.rattle(0.1, seed=0)
    system = mlip_nb.from_ase(crystal).astype("float32")
    around = finder(potential.cutoff, engines.SKIN["medium"]).allocate(system)
    return Edges(system.positions[around.order].T, system.cell, system.numbers[around.order], around)


def _calls(function: Callable, potential, edges: Edges) -> Callable[[int], None]:
    """So many of them."""
    compiled = eqx.filter_jit(function)

    def run(times: int) -> None:
        for _ in range(times):
            jax.block_until_ready(compiled(potential, edges))

    return run


def _forces(potential, edges: Edges):
    return potential.measure(edges)[:2]


def _all(potential, edges: Edges):
    return potential.measure(edges)


def _bend(potential, edges: Edges):
    """Forces, and how they change along a direction."""
    along = jnp.cos(jnp.arange(edges.positions.size, dtype=edges.positions.dtype)).reshape(edges.positions.shape)

    def forces(positions):
        return differentiable(potential)(eqx.tree_at(lambda e: e.positions, edges, positions))[1]

    return jax.jvp(forces, (edges.positions,), (along,))[1]


def _spread(potential, edges: Edges):
    """Mean and standard deviation of the members' energies and forces."""
    energies, forces, _ = potential.measure_each(edges)
    each = energies.sum(axis=1), forces
    return [(value.mean(axis=0), value.std(axis=0)) for value in each]
