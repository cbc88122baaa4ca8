"""Structures that an attack found, beside chance."""

from .._quantity import SERIES, Quantity

_SAMPLES = ("baseline", "sample")

QUANTITIES = {
    "candidate": Quantity(SERIES, "1", "rank of the structure", coordinate=True),
    "objective": Quantity(("iteration", "frame"), "1", "objective of an attack"),
    "atom_uncertainty": Quantity(("frame", "atom"), "eV/Å", "standard deviation of a component of the force"),
    "energy_rise": Quantity(SERIES, "eV/atom", "energy since the structure that was attacked"),
    "closest_distance": Quantity(SERIES, "1", "shortest distance over the sum of covalent radii"),
    "bond_change": Quantity(SERIES, "1", "largest change of a bond, relative to its length"),
    "hole": Quantity(SERIES, "1", "whether atoms fell into each other, or into a state that should not be"),
    "true_error": Quantity(SERIES, "eV/Å", "RMS error of force components, against a reference"),
    "chance_true_error": Quantity(SERIES, "eV/Å", "RMS error of force components after random displacements as long"),
    "chance_uncertainty": Quantity(SERIES, "eV/Å", "uncertainty after random displacements as long"),
    "chance_energy_rise": Quantity(SERIES, "eV/atom", "energy after random displacements as long"),
    "displacement": Quantity(("frame", "atom", "xyz"), "Å", "displacement that all structures have in common"),
    "structure_uncertainty": Quantity(("frame", "structure"), "eV/Å", "uncertainty of one of several structures"),
    "baseline": Quantity(("baseline",), "1", "other way to find structures", coordinate=True),
    "baseline_uncertainty": Quantity(_SAMPLES, "eV/Å", "uncertainty of structures found otherwise"),
    "baseline_energy_rise": Quantity(_SAMPLES, "eV/atom", "energy of structures found otherwise"),
    "baseline_true_error": Quantity(_SAMPLES, "eV/Å", "RMS error of force components of structures found otherwise"),
}
