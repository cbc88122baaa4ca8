"""Structures at rest."""

from .._quantity import Quantity

QUANTITIES = {
    "enthalpy": Quantity(("iteration",), "eV", "potential energy and pressure times volume"),
    "largest_force": Quantity(("iteration",), "eV/Å", "longest force on an atom"),
    "largest_stress": Quantity(("iteration",), "GPa", "largest component of stress that the pressure does not balance"),
    "start_enthalpy": Quantity(("start",), "eV", "enthalpy that a start relaxes to"),
    "start_converged": Quantity(("start",), "1", "whether a start relaxed"),
    "lowest_curvature": Quantity((), "eV/Å²", "lowest eigenvalue of the Hessian at fixed cell"),
    "softest_direction": Quantity(("atom", "xyz"), "1", "its direction, of length one"),
    "residual_force": Quantity((), "eV/Å", "longest force on an atom of the structure"),
    "residual_stress": Quantity((), "GPa", "largest component of stress that the pressure does not balance"),
}
