"""Steps of ring polymers by us and by i-PI (PyPI: ipi) with our forces: 32 beads of 64 atoms of silicon, in turns.

i-PI takes forces in three ways: from a driver in its own process that evaluates all beads in one compiled call, from
`python -m mlip_nb serve` over a unix socket, and none, which is what its own arithmetic takes. One core for everybody.
Processor time of all processes that take part: how long i-PI waits for a socket is not counted, which favours it.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import statistics
import subprocess
import sys
from pathlib import Path

import psutil
import turns

__DRIVER_NAME__, __DRIVER_CLASS__ = "ours", "Ours"
"""By these i-PI finds the driver in this file."""
BEADS, REPEAT, STEPS, TURNS, SKIN = 32, 2, 100, 9, 0.8
OWN = {"ours": "ours", "forces of the beads alone": "forces"}
THEIRS = {
    "i-PI, forces in its process": "direct",
    "i-PI, forces over a socket": "socket",
    "i-PI without forces": "dummy",
}


def main() -> None:
    """A table; ratios are medians over turns."""
    workers = {name: turns.Worker(sys.executable, __file__, kind, cores=1) for name, kind in (OWN | THEIRS).items()}
    times = [{name: worker.turn() for name, worker in workers.items()} for _ in range(TURNS + 1)][1:]
    for worker in workers.values():
        worker.end()
    print("| what | ms a step | steps a second | over ours |\n|---|---|---|---|")
    for name in workers:
        middle, ratio = (statistics.median(row[name] / by(row) for row in times) for by in (lambda _: 1.0, _ours))
        print(f"| {name} | {middle:.2f} | {1e3 / middle:.0f} | {ratio:.2f} |")
    rest = statistics.median(_ours(row) - row["forces of the beads alone"] for row in times)
    theirs = statistics.median(row["i-PI without forces"] for row in times)
    print(f"\nWhat is not forces: ours {rest:.2f} ms a step, i-PI {theirs:.2f}")


def _ours(row: dict[str, float]) -> float:
    return row["ours"]


def work(kind: str) -> None:
    """The other process: milliseconds a step, each turn."""
    turns.keep_to(1)
    go = _own(kind) if kind in OWN.values() else _theirs(kind)
    turns.serve(lambda: _milliseconds(go) / STEPS)


def _milliseconds(go) -> float:
    """Of this process and of those it has started."""
    before = _spent()
    go()
    return 1e3 * (_spent() - before)


def _spent() -> float:
    here = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (here, *here.children(recursive=True)))


def _own(kind: str):
    import path_integrals

    import mlip_nb

    system, potential = mlip_nb.load("Si", repeat=REPEAT), mlip_nb.potential("stillinger-weber")
    if kind == "forces":
        return path_integrals.forces(system, potential, STEPS, own=False)
    return path_integrals.simulation(system, potential, STEPS)


def _theirs(kind: str):
    from tempfile import mkdtemp

    import ase.units
    from ipi.scripting import InteractiveSimulation, motion_nvt_xml, simulation_xml

    import mlip_nb

    folder = mkdtemp()
    os.chdir(folder)
    name, driver = Path(folder).name, Path(sys.argv[0]).resolve()
    forces = {
        "socket": f"<ffsocket name='pes' mode='unix'> <address>{name}</address> <latency>1e-4</latency> </ffsocket>",
        "direct": f"<ffdirect name='pes'> <pes>custom</pes> <pes_path>{driver}</pes_path> "
        f"<batch_size>{BEADS}</batch_size> </ffdirect>",
        "dummy": "<ffdirect name='pes'> <pes>dummy</pes> </ffdirect>",
    }[kind]
    motion = motion_nvt_xml(1.0 * ase.units.fs, "pile_l", path_integrals=True, tau=100 * ase.units.fs, fixcom=False)
    atoms = mlip_nb.to_ase(mlip_nb.load("Si", repeat=REPEAT))
    output = "<output prefix='run'> <properties stride='100'> [ conserved ] </properties> </output>"
    simulation = InteractiveSimulation(
        simulation_xml([atoms] * BEADS, forces, motion, temperature=300, output=output, safe_stride=10**6)
    )
    if kind == "socket":
        command = ["serve", "Si", "--repeat", str(REPEAT), "--potential", "stillinger-weber", "--unix", name]
        subprocess.Popen([sys.executable, "-m", "mlip_nb", *command], stdout=sys.stderr)
    return lambda: simulation.run(STEPS)


class Ours:
    """All beads in one compiled call, in i-PI's units."""

    def __init__(self, *_: object, **__: object):
        import dataclasses

        import equinox as eqx
        import jax
        import jax.numpy as jnp

        import mlip_nb
        from mlip_nb.neighbors import finder
        from mlip_nb.potentials import Edges

        system, potential = mlip_nb.load("Si", repeat=REPEAT), mlip_nb.potential("stillinger-weber")
        search = finder(potential.cutoff, SKIN, reverse=potential.needs_reverse)
        bohr, hartree = mlip_nb.units.BOHR, mlip_nb.units.to_internal(1.0, "Ha")

        @eqx.filter_jit
        def evaluate(positions, cell, table):
            places = bohr * positions
            complete = jnp.all(jax.vmap(lambda place: table.complete(place[table.order].T))(places))
            centroids = dataclasses.replace(system, positions=places.mean(axis=0), cell=cell)
            table = jax.lax.cond(complete, lambda: table, lambda: search.update(table, centroids))
            rank, numbers = jnp.argsort(table.order), system.numbers[table.order]

            def one(place):
                energies, forces, strain = potential.measure(Edges(place[table.order].T, cell, numbers, table))
                return energies.sum() / hartree, forces[:, rank].T * (bohr / hartree), -strain / hartree

            return jax.lax.map(one, places), table

        self._evaluate, self._bohr, self._table = evaluate, bohr, search.allocate(system)

    def __call__(self, cells: list, positions: list) -> list:
        """Energy, forces, virial and remarks of each bead."""
        import numpy as np

        parts, self._table = self._evaluate(np.stack(positions), cells[0].T * self._bohr, self._table)
        return [
            (float(energy), force, virial, "") for energy, force, virial in zip(*map(np.asarray, parts), strict=True)
        ]


if __name__ == "__main__":
    work(sys.argv[1]) if len(sys.argv) > 1 else main()
