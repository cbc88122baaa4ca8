"""A screw in a body-centred crystal, in one valley of the lattice and in the next, as matscipy builds it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..params import Length, Params
from ..potentials import AbstractPotential
from ..statics.symmetry import space_group
from ..system import System, from_ase
from ._at_rest import at_rest
from .elastic import Elastic

if TYPE_CHECKING:
    import ase

_IM3M = 229
"""Number of the space group of body-centred crystals."""
_ALIKE = 0.02
"""Share by which elastic constants of a cubic crystal may differ."""


@dataclass(frozen=True)
class Line:
    """A dislocation before and after one step of its glide."""

    initial: System
    final: System
    burgers: float
    """Length of its Burgers vector, Å."""
    glide: float
    """How far it goes, Å."""


class ScrewDislocation(Params):
    """A cylinder around a straight line of Burgers vector ½⟨111⟩, by the anisotropic elasticity of the potential.

    Atoms at its rim are held.

    ??? cite "Reference"
        P. Grigorev et al., *J. Open Source Softw.* **9**, 5668 (2024), doi:10.21105/joss.05668 (matscipy); A. N. Stroh,
        *Philos. Mag.* **3**, 625 (1958), doi:10.1080/14786435808565804
    """

    radius: Length = 20.0
    """How much crystal is around the line."""
    rim: Length = 8.0
    """How far from the surface atoms are held where elasticity has them: more than the potential reaches."""

    def build(self, crystal: System, potential: AbstractPotential) -> Line:
        """The line in the crystal at rest.

        **Raises:** `InputError` for what is no body-centred crystal of one element, a radius that is within the rim,
        a rim within the reach of the potential, and where matscipy is not installed.
        """
        self._check(potential)
        element, built = _body_centred(crystal), _matscipy()
        rest = at_rest(crystal, potential, "a dislocation", relax=True).system
        stiffness = _cubic(Elastic().of(rest, potential)["elastic_constants"].values)
        lattice = float(np.cbrt(2 * rest.volume / len(rest.numbers)))
        made = built(lattice, *stiffness, symbol=element)
        # The rim is the same at both ends: between what elasticity says of them.
        options = {"method": "adsl", "average_positions": True, "verbose": False}
        _, *ends = made.build_glide_configurations(self.radius, fix_width=self.rim, **options)
        initial, final = (_alone(end) for end in ends)
        if not np.any(initial.mobile):
            raise InputError(self._too_small())
        return Line(initial, final, float(np.linalg.norm(made.burgers)), float(made.glide_distance))

    def _check(self, potential: AbstractPotential) -> None:
        if self.rim < potential.cutoff:
            raise InputError(
                f"rim: {self.rim:g} Å is less than the potential reaches, {potential.cutoff:g} Å: free atoms would "
                "feel the surface; take more"
            )
        if self.radius <= self.rim:
            raise InputError(self._too_small())

    def _too_small(self) -> str:
        return f"radius: {self.radius:g} Å leaves no atom free within a rim of {self.rim:g} Å; take more"


def _matscipy() -> type:
    try:
        from matscipy.dislocation import BCCScrew111Dislocation
    except ImportError:
        raise InputError("dislocations are built by matscipy, which is not installed: pip install matscipy") from None
    return BCCScrew111Dislocation


def _body_centred(crystal: System) -> str:
    """The element."""
    elements, found = set(crystal.symbols), space_group(crystal)
    if len(elements) > 1 or found.number != _IM3M or len(found.std_types) != 2:
        raise InputError(
            f"{crystal.formula} is no body-centred cubic crystal of one element, such as Mo, in which a "
            "line could be built; give one, or the two ends of a path (--end)"
        )
    return elements.pop()


def _cubic(stiffness: np.ndarray) -> tuple[float, float, float]:
    """C11, C12 and C44, GPa.

    **Raises:** `InputError` where vectors of the cell are not those of the cube.
    """
    groups = [np.diag(stiffness)[:3], stiffness[[0, 0, 1], [1, 2, 2]], np.diag(stiffness)[3:]]
    if any(np.ptp(group) > _ALIKE * np.abs(group).max() for group in groups):
        raise InputError("a dislocation needs a cubic crystal with the axes of the cube along x, y and z; turn it")
    first, second, shear = (float(group.mean()) for group in groups)
    return first, second, shear


def _alone(atoms: "ase.Atoms") -> System:
    """Periodic along the line only."""
    alone = atoms.copy()
    alone.pbc = (False, False, True)
    return from_ase(alone)
