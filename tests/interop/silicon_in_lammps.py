"""A rank of LAMMPS with our silicon and its own; prints what they differ by as JSON. Run by test_lammps.py."""

import json
import sys

import ase
import numpy as np

import mlip_nb
from mlip_nb.interop.lammps import attach, open_lammps
from mlip_nb.system import from_ase
from mlip_nb.units import GIGAPASCAL

SETUP = """
units metal
atom_modify map yes
lattice diamond 5.431
region box prism 0 3 0 2 0 2 0.2 0.1 0.15
create_box 1 box
create_atoms 1 box
mass 1 28.0855
displace_atoms all random 0.12 0.12 0.12 7 units box
velocity all create 1200 5 loop all
timestep 0.001
thermo_style custom step pe press pxx pyy pzz pxy pxz pyz
fix move all nve
"""
STRESS = ("pxx", "pyy", "pzz", "pyz", "pxz", "pxy")


def prepared(*lines: str):
    lammps = open_lammps()
    lammps.commands_list([*SETUP.strip().split("\n"), *lines])
    return lammps


def gathered(lammps, name: str) -> np.ndarray:
    return np.array(lammps.gather_atoms(name, 1, 3)).reshape(-1, 3)


def state(lammps, steps: int) -> dict[str, np.ndarray]:
    lammps.command(f"run {steps}")
    scalars = {"energy": np.array(lammps.get_thermo("pe"))}
    return scalars | {name: gathered(lammps, name) for name in ("x", "f", "v")}


def system_of(lammps) -> ase.Atoms:
    (low, high, xy, yz, xz, *_) = lammps.extract_box()
    lengths = np.subtract(high, low)
    cell = np.diag(lengths) + np.array([[0, 0, 0], [xy, 0, 0], [xz, yz, 0]])
    positions = gathered(lammps, "x") - low
    return ase.Atoms(f"Si{len(positions)}", positions, cell=cell, pbc=True)


def main(parameters: str, steps: int) -> dict:
    silicon = mlip_nb.potential("stillinger-weber", species="Si")
    ours, theirs = (
        prepared("pair_style zero 4.0", "pair_coeff * *"),
        prepared("pair_style sw", f"pair_coeff * * {parameters} Si"),
    )
    attached = attach(ours, silicon, ["Si"])
    first, reference = state(ours, 0), state(theirs, 0)
    alone = silicon.evaluate(from_ase(system_of(ours)), stress=True)
    virial = [ours.get_thermo(name) - theirs.get_thermo(name) for name in STRESS]
    found = {
        "ranks": ours.extract_setting("world_size"),
        "atoms": len(first["x"]),
        "energy": abs(first["energy"] - float(alone.energy)) / abs(float(alone.energy)),
        "forces": np.abs(first["f"] - np.array(alone.forces)).max(),
        "energy of LAMMPS": abs(first["energy"] - reference["energy"]) / abs(reference["energy"]),
        "forces of LAMMPS": np.abs(first["f"] - reference["f"]).max(),
        "pressure of LAMMPS": np.abs(virial).max() * 1e-4 * GIGAPASCAL,
        "largest force": np.abs(reference["f"]).max(),
    }
    after, reference = state(ours, steps), state(theirs, steps)
    assert attached.error is None
    return found | {
        "trajectory": np.abs(after["x"] - reference["x"]).max(),
        "change of forces": np.abs(after["f"] - first["f"]).max(),
    }


if __name__ == "__main__":
    try:
        from mpi4py import MPI

        rank = MPI.COMM_WORLD.rank
    except ImportError:
        rank = 0
    result = main(sys.argv[1], int(sys.argv[2]))
    if rank == 0:
        print(json.dumps({name: float(value) for name, value in result.items()}))
