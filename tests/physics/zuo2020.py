"""What the density-functional data of the potentials that come with the package say of crystals.

Taken from the labels of strained crystals, `training.json` and `test.json` of the repository
materialsvirtuallab/mlearn, commit 10c427a. The cell is that of the crystal that was strained. Energies at strains along
an axis, up to 4 %, give c11 and, where they would have no slope, the lattice constant. Stresses give c12 (same strains,
up to 2 %; Ni up to 10 %, for only its test set has stresses) and c44 (smallest shears). Where both tell the same they
agree, except that pressures by energies and by stresses are +2.1 and -0.3 GPa in Cu, +2.4 and -0.4 GPa in Ni, and that
stresses of Li change sign between shears of 1 and 2 %, where energies do not.

??? cite "Reference"
    Y. Zuo et al., *J. Phys. Chem. A* **124**, 731 (2020), doi:10.1021/acs.jpca.9b08723
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One crystal; GPa where nothing else is said."""

    cell: float
    """Of the data's crystal, Å."""
    lattice: float
    """At no pressure, Å."""
    c11: float
    c12: float
    c44: float
    """All at `cell`, atoms where the strain puts them."""
    unsure: float
    """Largest change of a stiffness, relative, with the order and the range of the fit."""
    repeat: int
    """Conventional cells along an edge of the supercells."""

    @property
    def bulk(self) -> float:
        """Bulk modulus."""
        return (self.c11 + 2 * self.c12) / 3


CRYSTALS: Mapping[str, Reference] = {
    "Si": Reference(cell=5.4687, lattice=5.4687, c11=153.1, c12=56.5, c44=99.1, unsure=0.02, repeat=2),
    "Ge": Reference(cell=5.7542, lattice=5.7821, c11=107.3, c12=41.4, c44=75.7, unsure=0.03, repeat=2),
    "Li": Reference(cell=3.4268, lattice=3.4388, c11=16.2, c12=14.2, c44=9.4, unsure=0.15, repeat=3),
    "Mo": Reference(cell=3.1676, lattice=3.1691, c11=482.2, c12=163.6, c44=109.8, unsure=0.03, repeat=3),
    "Cu": Reference(cell=3.6164, lattice=3.6329, c11=189.7, c12=139.0, c44=88.9, unsure=0.08, repeat=3),
    "Ni": Reference(cell=3.5080, lattice=3.5211, c11=294.7, c12=166.6, c44=141.0, unsure=0.04, repeat=3),
}
