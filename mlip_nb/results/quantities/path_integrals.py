"""Ring polymers: estimators, numbers of beads, errors of both."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "primitive_kinetic_energy": Quantity(SERIES, "eV", "quantum kinetic energy, primitive estimator"),
    "atom_kinetic_energy": Quantity(("frame", "atom"), "eV", "quantum kinetic energy of the atom, centroid virial"),
    "kinetic_energy_tensor": Quantity(("frame", "xyz", "xyz2"), "eV", "quantum kinetic energy by axes"),
    "gyration_radius": Quantity(("frame", "atom"), "Å", "radius of gyration of the beads of the atom"),
    "energy_slope": Quantity(SERIES, "eV²", "derivative of the total energy with inverse temperature, along paths"),
    "bead_positions": Quantity(("frame", "bead", "atom", "xyz"), "Å", "position of the bead, unwrapped"),
    "bead_count": Quantity(("bead_count",), "1", "number of beads", coordinate=True),
    "bead_mean": Quantity(("estimator", "bead_count"), "eV", "average with a number of beads"),
    "bead_mean_error": Quantity(("estimator", "bead_count"), "eV", "standard error of the average"),
    "bead_limit": Quantity(("estimator",), "eV", "average, extrapolated to infinitely many beads"),
    "bead_limit_error": Quantity(("estimator",), "eV", "standard error of the extrapolated average"),
    "bead_slope": Quantity(("estimator",), "eV", "factor of the power of 1/P"),
    "chi_square": Quantity(("estimator",), "1", "squared deviations from the law, in units of errors"),
    "law_probability": Quantity(("estimator",), "1", "probability of larger deviations if the law holds"),
    "harmonic_limit": Quantity(("estimator",), "eV", "harmonic average by the reference, infinitely many beads"),
    "curvature_error": Quantity(
        ("potential", "estimator", "bead_count"), "eV", "error by curvatures that are not those of the reference"
    ),
    "bead_error": Quantity(("estimator", "bead_count"), "eV", "error by too few beads, of the reference"),
    "nuclear_error": Quantity(("potential", "estimator", "bead_count"), "eV", "error by curvatures and beads together"),
    "reference_frequency": Quantity(("mode",), "THz", "frequency of the vibration, reference"),
    "frequency": Quantity(("potential", "mode"), "THz", "frequency of the vibration"),
}
