"""Paths over a barrier."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "path_distance": Quantity(SERIES, "Å", "distance along the path", coordinate=True),
    "path_energy": Quantity(SERIES, "eV", "energy above the start of the path"),
    "path_slope": Quantity(SERIES, "eV/Å", "slope of the energy along the path"),
    "slope_across": Quantity(SERIES, "eV/Å", "largest component of the slope across the path"),
    "forward_barrier": Quantity((), "eV", "energy of the highest image above the start"),
    "reverse_barrier": Quantity((), "eV", "energy of the highest image above the end"),
    "path_roughness": Quantity((), "1", "largest second difference of energies over the barrier"),
    "path_sign_changes": Quantity((), "1", "sign changes of second differences; a smooth barrier has two"),
    "attempt_frequency": Quantity((), "THz", "Vineyard's frequency of attempts"),
    "hopping_rate": Quantity((), "1/s", "rate by harmonic transition-state theory, classical"),
}
