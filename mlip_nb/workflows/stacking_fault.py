"""Generalised stacking faults: what it costs to slide half of a crystal over the other."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import annotated_types
import equinox as eqx
import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError, RunWarning
from ..params import Count, Force, Stress
from ..potentials import AbstractPotential
from ..properties.fault_curve import marks
from ..results.schema import build_dataset
from ..statics import Coordinates, Relaxed, Surface, relax
from ..statics.slip import Halves, halves, translation
from ..system import System
from ._at_rest import at_rest, check_crystal
from ._property import Property
from ._statics import atoms_of, origin

if TYPE_CHECKING:
    import xarray as xr

Direction = tuple[int, int, int]
Points = Annotated[int, annotated_types.Ge(4), annotated_types.Le(1000)]


class StackingFault(Property):
    r"""Energy of a fault by how far one half of a crystal has slid over the other,

    $$\gamma(u) = \frac{E(u) - E(0)}{A},$$

    atoms and the height of the cell relaxed normal to the plane. The crystal is periodic, and the cell leans with the
    slide, so that there is one fault in a cell and no surface.

    ??? cite "Reference"
        V. Vitek, *Philos. Mag.* **18**, 773 (1968), doi:10.1080/14786436808227500
    """

    miller: Direction = (1, 1, 1)
    """Indices of the plane, in the cell as it is given."""
    direction: Direction | None = None
    """Where to, in whole lattice vectors of the cell as it is given, such as 1,1,-2; the way is the shortest
    translation of the crystal along it. Without it the shortest one that lies in the plane."""
    second: Direction | None = None
    """A second direction: the surface of energies over both, in place of the curve."""
    points: Points = 13
    """Slides along each translation, both ends counted."""
    layers: Annotated[Count, annotated_types.Ge(2), annotated_types.Le(10_000)] = 12
    """Thickness of both halves, in repeats of the smallest cell; images of the fault are as far apart."""
    gap: Literal["widest", "narrowest"] = "widest"
    """Between which planes of atoms to cut: of diamond along 1,1,1 shuffle (widest) or glide (narrowest)."""
    relax: bool = True
    """Relax atoms and the height of the cell normal to the plane."""
    force: Force = 1e-4
    """Longest force along the normal that is left."""
    stress: Stress = 1e-3
    """Largest stress along the normal that is left."""
    steps: Count = 1000
    """Steps of a relaxation, at most."""
    relax_crystal: bool = True
    """Relax cell and positions of the crystal first."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """The curve, or with `second` the surface; a frame for each slide, those along the second run fastest.

        **Raises:** `InputError` for what is no crystal, and directions that do not lie in the plane or are the same.
        """
        check_crystal(system, potential, "stacking faults", differentiable=False)
        self._cut(system)
        crystal = at_rest(system, potential, "stacking faults", relax=self.relax_crystal, differentiable=False).system
        cut, ways = self._cut(crystal)
        parts = np.linspace(0, 1, self.points)
        slides = np.stack(np.meshgrid(*[parts] * len(ways), indexing="ij"), axis=-1).reshape(-1, len(ways)) @ ways
        scan = self._scan(cut, slides, potential)
        told = _curve(scan, parts, ways[0]) if len(ways) == 1 else _surface(scan, parts, ways)
        return build_dataset(
            {**atoms_of(cut.system), **scan.frames(), **told}, attrs=origin("gsf", self, crystal, potential)
        )

    def _cut(self, crystal: System) -> tuple[Halves, Float[np.ndarray, "ways 3"]]:
        """The halves, and one translation or two."""
        cut = halves(crystal, self.miller, self.layers, widest=self.gap == "widest")
        if self.direction is None:
            first = np.asarray(cut.system.cell, float)[0]
        else:
            first = translation(crystal, self.direction, cut.normal)
        if self.second is None:
            return cut, first[None]
        ways = np.stack([first, translation(crystal, self.second, cut.normal)])
        if np.linalg.norm(np.cross(*ways)) < 1e-6 * np.linalg.norm(first) ** 2:
            raise InputError("second: it is parallel to direction; two directions span a surface, one a curve")
        return cut, ways

    def _scan(self, cut: Halves, slides: Float[np.ndarray, "slides 3"], potential: AbstractPotential) -> "_Scan":
        found: list[Relaxed] = []
        for slide in slides:
            found.append(self._relaxed(cut, slide, potential, found[-1].surface if found else None))
        if left := [one for one in found if self.relax and not one.converged]:
            told = f"{len(left)} of {len(found)} slides: not relaxed in {self.steps} steps"
            warnings.warn(f"{told}; take more --steps", RunWarning, stacklevel=5)
        return _Scan(cut, tuple(found), np.stack([_slope(cut, one) for one in found]))

    def _relaxed(
        self, cut: Halves, slide: Float[np.ndarray, "3"], potential: AbstractPotential, surface: Surface | None
    ) -> Relaxed:
        """From the perfect halves, so that no slide depends on another."""
        slid = cut.slid(slide)
        return relax(
            slid,
            potential,
            Coordinates.of(slid, cell=True, line=cut.normal),
            surface=surface,
            force=self.force,
            stress=self.internal("stress"),
            steps=self.steps if self.relax else 0,
        ).unbroken()


@dataclass(frozen=True)
class _Scan:
    """Slides, the perfect crystal first."""

    cut: Halves
    found: tuple[Relaxed, ...]
    slopes: Float[np.ndarray, "slides 3"]
    """Of the energy by the slide, eV/Å."""

    @property
    def systems(self) -> Sequence[System]:
        """Relaxed."""
        return [one.system for one in self.found]

    def energies(self, which: int) -> Float[np.ndarray, " slides"]:
        """Of the fault at the first step of the relaxations (0) or the last (-1), J/m²."""
        return self.of_area(np.array([one.trace["enthalpy"][which] for one in self.found]))

    def of_area(self, energies: Float[np.ndarray, "*rest slides"]) -> Float[np.ndarray, "*rest slides"]:
        """Energies (eV) over that of the perfect crystal, J/m²."""
        return units.from_internal((energies - energies[..., :1]) / self.cut.area, "J/m²")

    @property
    def openings(self) -> Float[np.ndarray, " slides"]:
        """How much higher the stack has become, Å."""
        heights = np.array([np.asarray(one.cell, float)[2] @ self.cut.normal for one in self.systems])
        return heights - heights[0]

    def frames(self) -> dict[str, object]:
        """A structure for each slide."""
        return {
            "positions": np.stack([np.asarray(one.positions, float) for one in self.systems]),
            "cell": np.stack([np.asarray(one.cell, float) for one in self.systems]),
            "potential_energy": np.array([one.trace["enthalpy"][-1] for one in self.found]),
        }


def _slope(cut: Halves, found: Relaxed) -> Float[np.ndarray, "3"]:
    """What is relaxed adds nothing: the energy is stationary along it."""
    _, forces, strain = _measured(found.surface, found.system)
    return cut.slope(found.system, np.asarray(forces, float), np.asarray(strain, float))


@eqx.filter_jit
def _measured(surface: Surface, system: System):
    return surface.measure(system.positions, system.cell)


def _curve(scan: _Scan, parts: Float[np.ndarray, " slide"], way: Float[np.ndarray, "3"]) -> dict[str, object]:
    energies, length = scan.energies(-1), float(np.linalg.norm(way))
    slopes = scan.slopes @ way / scan.cut.area
    told = marks(parts, energies, units.from_internal(slopes, "J/m²"))
    return {
        "slide": parts,
        "slide_translation": way,
        "rigid_fault_energy": scan.energies(0),
        "fault_energy": energies,
        "fault_stress": units.from_internal(slopes / length, "GPa"),
        "fault_opening": scan.openings,
        "unstable_fault_energy": told.unstable,
        "unstable_fault_slide": told.unstable_at,
        "stable_fault_energy": told.stable,
        "stable_fault_slide": told.stable_at,
        "ideal_shear_strength": units.from_internal(units.to_internal(told.steepest, "J/m²") / length, "GPa"),
    }


def _surface(scan: _Scan, parts: Float[np.ndarray, " slide"], ways: Float[np.ndarray, "2 3"]) -> dict[str, object]:
    square = (len(parts), len(parts))
    return {
        "slide": parts,
        "slide2": parts,
        "slide_translation": ways[0],
        "slide_translation2": ways[1],
        "rigid_fault_energy_map": scan.energies(0).reshape(square),
        "fault_energy_map": scan.energies(-1).reshape(square),
    }
