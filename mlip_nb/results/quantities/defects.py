"""Point defects and surfaces."""

from .._quantity import Quantity

_SUPERCELLS = ("supercell",)
_THICKNESSES = ("thickness",)

QUANTITIES = {
    "supercell": Quantity(_SUPERCELLS, "1", "atoms of the perfect supercell", coordinate=True),
    "unrelaxed_defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy, atoms at their sites"),
    "trapped_defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy, relaxed without displacements"),
    "defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy"),
    "defect_curvature": Quantity(_SUPERCELLS, "eV/Å²", "lowest eigenvalue of the Hessian of the relaxed defect"),
    "layers": Quantity(_THICKNESSES, "1", "repeats of the oriented cell", coordinate=True),
    "unrelaxed_surface_energy": Quantity(_THICKNESSES, "J/m²", "surface energy, atoms at their sites"),
    "surface_energy": Quantity(_THICKNESSES, "J/m²", "surface energy"),
    "defect_energy_limit": Quantity((), "eV", "formation energy, extrapolated to an infinite crystal"),
}
