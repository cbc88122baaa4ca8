"""Rates of reactions: theories, instantons, ring polymers that leave a dividing surface."""

from .._quantity import Quantity

_RATES = ("isotopologue", "theory")
_BY_WINDOW = ("bead_count", "window")

QUANTITIES = {
    "isotopologue": Quantity(("isotopologue",), "1", "isotopes that are changed", coordinate=True),
    "theory": Quantity(("theory",), "1", "how a rate is estimated", coordinate=True),
    "rate_constant": Quantity(_RATES, "1/s", "rate constant"),
    "bimolecular_rate_constant": Quantity(_RATES, "cm³/s", "rate constant of two reactants"),
    "tunnelling_factor": Quantity(_RATES, "1", "rate over that of transition-state theory with quantum vibrations"),
    "isotope_effect": Quantity(_RATES, "1", "rate of the first isotopologue over that of this one"),
    "barrier_height": Quantity(("isotopologue",), "eV", "energy of the saddle above the reactants"),
    "barrier_wavenumber": Quantity(("isotopologue",), "1/cm", "imaginary wavenumber of the saddle"),
    "crossover_temperature": Quantity(("isotopologue",), "K", "temperature below which there is an instanton"),
    "instanton_beads": Quantity(("refinement",), "1", "beads of the instanton", coordinate=True),
    "instanton_action": Quantity(("isotopologue", "refinement"), "1", "action over ħ, from the reactants' energy"),
    "instanton_factor": Quantity(("isotopologue", "refinement"), "1", "tunnelling factor with so many beads"),
    "bead_energy": Quantity(("isotopologue", "bead"), "eV", "potential energy of the bead above the reactants"),
    "bead_distance": Quantity(("isotopologue", "bead"), "Å amu^0.5", "distance along the instanton, mass-weighted"),
    "instanton_positions": Quantity(("isotopologue", "bead", "atom", "xyz"), "Å", "position of the bead"),
    "rate_constant_error": Quantity(_RATES, "1/s", "standard error of the rate constant"),
    "window": Quantity(("window",), "Å", "reaction coordinate of centroids", coordinate=True),
    "mean_force": Quantity(_BY_WINDOW, "eV/Å", "slope of the free energy of centroids"),
    "mean_force_error": Quantity(_BY_WINDOW, "eV/Å", "standard error of the slope of the free energy"),
    "potential_of_mean_force": Quantity(_BY_WINDOW, "eV", "free energy of centroids above the dividing surface"),
    "potential_of_mean_force_error": Quantity(_BY_WINDOW, "eV", "standard error of the potential of mean force"),
    "delay": Quantity(("delay",), "fs", "time since the dividing surface was left", coordinate=True),
    "transmission": Quantity(("bead_count", "delay"), "1", "transmission coefficient by time"),
    "transmission_error": Quantity(("bead_count", "delay"), "1", "standard error of the transmission coefficient"),
    "transmission_coefficient": Quantity(("bead_count",), "1", "transmission coefficient, plateau"),
    "transmission_coefficient_error": Quantity(("bead_count",), "1", "standard error of the plateau"),
}
