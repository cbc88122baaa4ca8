"""Force constants of 216 atoms of silicon: ours against finite displacements by phonopy and ASE, with one potential.

`python benchmarks/phonons.py [--repeats 5] [--potential mlip-Si]`: both routes get the primitive cell at rest and the
3×3×3 supercell of the conventional one, know the symmetry (ours: the two atoms of the primitive cell; phonopy: the
one displacement that is needed), and end with force constants in phonopy. Interleaved, medians, wall time; compiled
programs and the set-up of phonopy are told apart from what each further crystal of the same atoms costs.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import argparse
import statistics

import ase
import numpy as np
from ase.build import bulk
from turns import seconds

import mlip_nb
from mlip_nb.system import from_ase
from mlip_nb.workflows._phonopy import Crystals, empty

COPIES = (3, 3, 3)


def crystal(potential):
    """Eight atoms at rest."""
    return mlip_nb.Relax().relaxed(from_ase(bulk("Si", cubic=True)), potential).system


def ours(potential, system):
    """A function that gives phonopy's object, compiled when it is called for the first time."""
    maker = Crystals(potential, mlip_nb.Phonons(supercell=COPIES))
    return lambda: maker.phonons(system)


def displaced(potential, system):
    """The same by phonopy's displacements and forces by ASE."""
    calculator = potential.calculator()

    def work():
        phonons = empty(system, COPIES)
        phonons.generate_displacements(distance=0.01)
        phonons.forces = [_forces(cell, calculator) for cell in phonons.supercells_with_displacements]
        phonons.produce_force_constants(calculate_full_force_constants=False)
        return phonons

    return work


def _forces(cell, calculator):
    atoms = ase.Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
    atoms.calc = calculator
    return atoms.get_forces()


def main(name: str, repeats: int) -> None:
    """A row for each route, and their ratio."""
    potential = mlip_nb.potential(name)
    system = crystal(potential)
    routes = {"ours": ours(potential, system), "phonopy + ASE": displaced(potential, system)}
    first = {route: seconds(work) for route, work in routes.items()}
    times = {route: [] for route in routes}
    for _ in range(repeats):
        for route, work in routes.items():
            times[route].append(seconds(work))
    ratios = [slow / fast for fast, slow in zip(*times.values(), strict=True)]
    print("| route | first s | later s (min–max) |\n|---|---|---|")
    for route, one in times.items():
        print(f"| {route} | {first[route]:.2f} | {statistics.median(one):.2f} ({min(one):.2f}–{max(one):.2f}) |")
    print(f"\nphonopy + ASE / ours: {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")
    print(f"first runs: {first['phonopy + ASE'] / first['ours']:.2f}")
    print(f"frequencies differ by at most {_difference(*(work() for work in routes.values())):.1e} THz")


def _difference(*phonons) -> float:
    """At five wave vectors."""
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (5, 3))
    one, other = (found.run_qpoints(points).frequencies for found in phonons)
    return float(np.abs(one - other).max())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="mlip-Si")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    main(arguments.potential, arguments.repeats)
