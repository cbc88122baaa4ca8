"""Elastic bands: ours, all images together, against ASE's, one after another, through the same potential.

`python benchmarks/neb.py [--repeats 3]`: a vacancy hops in copper (107 atoms, mlip-Cu) and in argon (Lennard-Jones);
seven images, climbing, from the straight line between relaxed ends until no force of the band exceeds 0.01 eV/Å.
Ours by FIRE; ASE's improved tangent by its FIRE, with our calculator on every image. Interleaved, medians of wall
time, programs compiled before; barriers beside each other.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import argparse
import functools
import statistics

import numpy as np
from ase.build import bulk
from ase.mep import NEB
from ase.optimize import FIRE
from turns import seconds

import mlip_nb

CASES = (("Cu", "mlip-Cu", 3.61), ("Ar", "lennard-jones", 5.3))
IMAGES, FORCE = 7, 0.01


def ends(symbol: str, lattice: float):
    """The first atom moves to where its neighbour was."""
    crystal = bulk(symbol, "fcc", a=lattice, cubic=True).repeat(3)
    neighbour = int(np.argsort(crystal.get_distances(0, range(len(crystal)), mic=True))[1])
    start, end = crystal.copy(), crystal.copy()
    end.positions[0] += crystal.get_distance(0, neighbour, mic=True, vector=True)
    del start[neighbour], end[neighbour]
    return start, end


def ours(start, end, potential) -> float:
    """The barrier, eV."""
    band = mlip_nb.NEB(images=IMAGES, force=FORCE, relax=False)
    return float(band.run(mlip_nb.from_ase(start), mlip_nb.from_ase(end), potential)["forward_barrier"])


def theirs(start, end, potential) -> float:
    """The barrier, eV."""
    images = [start.copy() for _ in range(IMAGES - 1)] + [end.copy()]
    for image in images:
        image.calc = potential.calculator()
    band = NEB(images, climb=True, method="improvedtangent")
    band.interpolate(mic=True)
    FIRE(band, logfile=None).run(fmax=FORCE, steps=1000)
    energies = [image.get_potential_energy() for image in images]
    return max(energies) - energies[0]


def relaxed(atoms, potential):
    """At rest, its cell as it is."""
    found = mlip_nb.Relax(moving="positions", force=1e-3).run(mlip_nb.from_ase(atoms), potential)
    return mlip_nb.to_ase(found.mlip.system())


def main(repeats: int) -> None:
    """One row a case."""
    print("| case | barrier, ours and ASE's (eV) | ours s | ASE s | ASE / ours |\n|---|---|---|---|---|")
    for symbol, name, lattice in CASES:
        potential = mlip_nb.potential(name)
        pair = [relaxed(one, potential) for one in ends(symbol, lattice)]
        works = [functools.partial(route, *pair, potential) for route in (ours, theirs)]
        barriers = [work() for work in works]
        times = [[seconds(work) for work in works] for _ in range(repeats)]
        medians = [statistics.median(column) for column in zip(*times, strict=True)]
        ratios = [slow / fast for fast, slow in times]
        print(
            f"| vacancy, {len(pair[0])} {symbol} | {barriers[0]:.4f}, {barriers[1]:.4f} | {medians[0]:.2f} | "
            f"{medians[1]:.2f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    main(parser.parse_args().repeats)
