"""Structures that an attack found, beside chance."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "candidate": Quantity(SERIES, "1", "rank of the structure", coordinate=True),
    "objective": Quantity(("iteration", "frame"), "1", "objective of an attack"),
    "atom_uncertainty": Quantity(("frame", "atom"), "eV/Å", "standard deviation of a component of the force"),
    "energy_rise": Quantity(SERIES, "eV/atom", "energy since the structure that was attacked"),
    "closest_distance": Quantity(SERIES, "1", "shortest distance over the sum of covalent radii"),
    "bond_change": Quantity(SERIES, "1", "largest change of a bond, relative to its length"),
    "true_error": Quantity(SERIES, "eV/Å", "RMS error of force components, against a reference"),
    "chance_true_error": Quantity(SERIES, "eV/Å", "RMS error of force components after random displacements as long"),
    "chance_uncertainty": Quantity(SERIES, "eV/Å", "uncertainty after random displacements as long"),
    "chance_energy_rise": Quantity(SERIES, "eV/atom", "energy after random displacements as long"),
}
