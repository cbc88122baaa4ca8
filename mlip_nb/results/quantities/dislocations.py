"""Dislocations that glide."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "line_position": Quantity(SERIES, "Å", "how far the dislocation has glided", coordinate=True),
    "line_energy": Quantity(SERIES, "eV/Å", "energy above the start, by length of the line"),
    "peierls_barrier": Quantity((), "eV/Å", "Peierls barrier, by length of the line"),
    "peierls_stress": Quantity((), "GPa", "Peierls stress, by the steepest slope of the path"),
    "shear_peierls_stress": Quantity((), "GPa", "Peierls stress, by a load that moves the line"),
}
