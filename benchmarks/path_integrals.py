"""A step of P beads against one batched force evaluation of P replicas, silicon; interleaved, one core.

Replicas have a neighbour table each, as independent runs have; beads share one. Forces are taken where the simulation
stands, with its own table: warm atoms have more neighbours than those of a perfect crystal.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import statistics
import sys
import time

import equinox as eqx
import jax
import jax.numpy as jnp

import mlip_nb
from mlip_nb.potentials import Edges
from mlip_nb.simulate import Layout, simulate, start_state

BEADS, REPEATS, SKIN = 32, 9, 0.8


def main(potential: str, steps: str = "200") -> None:
    """Print a table; what a step takes beyond the forces is the other number. Fewer steps for slow potentials."""
    print(f"### {BEADS} beads, {potential}\n")
    print("| atoms | forces of 32 replicas, ms | of 32 beads, ms | step, ms | step / replicas | step / beads |")
    print("|---|---|---|---|---|---|")
    for repeat in (2, 3):
        print(_row(mlip_nb.load("Si", repeat=repeat), mlip_nb.potential(potential), int(steps)), flush=True)


def _row(system, potential, steps: int) -> str:
    step, state, table = simulation(system, potential, steps)
    alone = [forces(state, table, potential, steps, own=own) for own in (True, False)]
    ways = [*alone, step]
    times = [[] for _ in ways]
    for _ in range(REPEATS):
        for way, taken in zip(ways, times, strict=True):
            began = time.process_time()
            way()
            taken.append((time.process_time() - began) / steps * 1e3)
    replicas, beads, step = map(statistics.median, times)
    ratios = [statistics.median(s / r for s, r in zip(times[2], other, strict=True)) for other in times[:2]]
    return f"| {len(system.numbers)} | {replicas:.2f} | {beads:.2f} | {step:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"


def forces(state, table, potential, steps: int, *, own: bool):
    """Forces of the beads of a state, so many times."""
    copies, cell, numbers = state.beads, state.cell, state.numbers
    tables = jax.tree.map(lambda leaf: jnp.stack([leaf] * BEADS), table) if own else table

    @eqx.filter_jit
    def go(copies, tables):
        def one(copy, table):
            return potential.measure(Edges(copy, cell, numbers, table))[1]

        def step(_, places):
            each = (
                jax.lax.map(lambda pair: one(*pair), (places, tables))
                if own
                else jax.lax.map(lambda place: one(place, tables), places)
            )
            # Every evaluation is at other places than the one before.
            return places + 1e-12 * each

        return jax.lax.fori_loop(0, steps, step, copies)

    go(copies, tables).block_until_ready()
    return lambda: go(copies, tables).block_until_ready()


def simulation(system, potential, steps: int):
    """A simulation with its host loop, continued each time; and where it stands after a while."""
    ensemble = mlip_nb.LocalPILE(beads=BEADS)
    integrator = ensemble.integrator(mlip_nb.units.FEMTOSECOND)
    moving = system.with_momenta(mlip_nb.simulate.draw_momenta(system, 0.0259, key=jax.random.PRNGKey(1)))
    state, controls = start_state(moving, integrator, key=jax.random.PRNGKey(2)), ensemble.controls()
    layout, wanted, stands = Layout(False, (jax.local_devices()[0],)), [0], []

    def ask(step: int):
        return controls, (step // steps + 1) * steps

    chunks = simulate(
        state, potential, integrator, ask, pbc=system.pbc, steps=10**7, every=10**7, skin=SKIN, layout=layout
    )

    def go():
        wanted[0] += steps
        while (chunk := next(chunks)).done < wanted[0]:
            pass
        stands[:] = [chunk.progress]

    for _ in range(5):
        go()
    here = jax.tree.map(lambda leaf: leaf[0], stands[0])
    return go, here.state, here.neighbors


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["stillinger-weber"]))
