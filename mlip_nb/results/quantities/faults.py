"""Stacking faults: halves of a crystal that slide over each other."""

from .._quantity import Quantity

_CURVE, _MAP = ("slide",), ("slide", "slide2")

QUANTITIES = {
    "slide": Quantity(_CURVE, "1", "part of the translation", coordinate=True),
    "slide2": Quantity(("slide2",), "1", "part of the second translation", coordinate=True),
    "slide_translation": Quantity(("xyz",), "Å", "translation of the crystal along which halves slide"),
    "slide_translation2": Quantity(("xyz",), "Å", "second translation along which halves slide"),
    "rigid_fault_energy": Quantity(_CURVE, "J/m²", "energy of the fault, atoms carried along"),
    "fault_energy": Quantity(_CURVE, "J/m²", "energy of the fault, relaxed normal to the plane"),
    "fault_stress": Quantity(_CURVE, "GPa", "slope of the energy of the fault: shear stress that it resists"),
    "fault_opening": Quantity(_CURVE, "Å", "how much farther the halves are apart"),
    "rigid_fault_energy_map": Quantity(_MAP, "J/m²", "energy of the fault, atoms carried along"),
    "fault_energy_map": Quantity(_MAP, "J/m²", "energy of the fault, relaxed normal to the plane"),
    "unstable_fault_energy": Quantity((), "J/m²", "energy that halves have to pass"),
    "unstable_fault_slide": Quantity((), "1", "where it is, part of the translation"),
    "stable_fault_energy": Quantity((), "J/m²", "energy of the stacking fault, a minimum"),
    "stable_fault_slide": Quantity((), "1", "where it is, part of the translation"),
    "ideal_shear_strength": Quantity((), "GPa", "largest slope of the energy of the fault"),
}
