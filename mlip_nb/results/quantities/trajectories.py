"""What a stored trajectory tells about structure and motion."""

from .._quantity import Quantity

_BY_LAG = ("element", "lag")
_SPECTRUM = ("element", "spectral_frequency")

QUANTITIES = {
    "distance": Quantity(("distance",), "Å", "distance of two atoms", coordinate=True),
    "radial_distribution": Quantity(("distance",), "1", "radial distribution function"),
    "radial_distribution_error": Quantity(("distance",), "1", "standard error of the radial distribution function"),
    "lag": Quantity(("lag",), "fs", "time between two frames", coordinate=True),
    "mean_square_displacement": Quantity(_BY_LAG, "Å²", "mean square displacement"),
    "mean_square_displacement_error": Quantity(_BY_LAG, "Å²", "standard error of the mean square displacement"),
    "velocity_autocorrelation": Quantity(_BY_LAG, "Å²/fs²", "velocity autocorrelation"),
    "velocity_autocorrelation_error": Quantity(_BY_LAG, "Å²/fs²", "standard error of the velocity autocorrelation"),
    "spectral_frequency": Quantity(("spectral_frequency",), "THz", "frequency", coordinate=True),
    "vibrational_density": Quantity(_SPECTRUM, "1/THz", "vibrational density of states, 3 modes an atom"),
    "vibrational_density_error": Quantity(_SPECTRUM, "1/THz", "standard error of the vibrational density of states"),
    "bond_angle": Quantity(("bond_angle",), "degree", "angle between two bonds", coordinate=True),
    "angular_distribution": Quantity(("bond_angle",), "1/degree", "angular distribution function"),
    "angular_distribution_error": Quantity(("bond_angle",), "1/degree", "standard error of the angular distribution"),
    "neighbour_count": Quantity(("neighbour_count",), "1", "number of neighbours", coordinate=True),
    "coordination_share": Quantity(("neighbour_count",), "1", "share of atoms with so many neighbours"),
    "coordination_share_error": Quantity(("neighbour_count",), "1", "standard error of the share of atoms"),
    "coordination_number": Quantity((), "1", "mean number of neighbours"),
    "coordination_number_error": Quantity((), "1", "standard error of the mean number of neighbours"),
    "wave_number": Quantity(("wave_number",), "1/Å", "length of the wave vector", coordinate=True),
    "structure_factor": Quantity(("wave_number",), "1", "structure factor"),
    "structure_factor_error": Quantity(("wave_number",), "1", "standard error of the structure factor"),
    "degree": Quantity(("degree",), "1", "degree of spherical harmonics", coordinate=True),
    "bond_order": Quantity(("frame", "degree"), "1", "order parameter of all bonds"),
    "local_bond_order": Quantity(("frame", "degree"), "1", "order parameter of an atom's bonds, mean of atoms"),
}
