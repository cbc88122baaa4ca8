"""What another mass changes at equilibrium."""

from .._quantity import SERIES, Quantity

_BY_ISOTOPE = ("route", "isotope")

QUANTITIES = {
    "isotope_mass": Quantity(("isotope",), "amu", "mass of the substituted atoms", coordinate=True),
    "substituted": Quantity(("atom",), "1", "whether the atom changes its mass", coordinate=True),
    "scaled_energy_difference": Quantity(
        ("frame", "isotope"), "eV", "change of the mean potential energy of beads scaled to another mass"
    ),
    "excess_kinetic_energy": Quantity(SERIES, "eV", "quantum kinetic energy of substituted atoms less the classical"),
    "route": Quantity(("route",), "1", "how it was found", coordinate=True),
    "free_energy_difference": Quantity(_BY_ISOTOPE, "eV", "free energy less that of the lightest isotope"),
    "free_energy_error": Quantity(_BY_ISOTOPE, "eV", "standard error of the free-energy difference"),
    "quantum_free_energy_difference": Quantity(
        _BY_ISOTOPE, "eV", "free energy less that of the lightest isotope and the classical difference"
    ),
    "partition_ratio": Quantity(
        _BY_ISOTOPE, "1", "partition function over that of the lightest isotope and the classical ratio"
    ),
    "partition_ratio_error": Quantity(_BY_ISOTOPE, "1", "standard error of the ratio of partition functions"),
    "fractionation_ratio": Quantity(
        _BY_ISOTOPE, "1", "reduced ratio of partition functions per substituted atom, over the lightest isotope"
    ),
    "fractionation_error": Quantity(_BY_ISOTOPE, "1", "standard error of the fractionation ratio"),
    "reference_fractionation_ratio": Quantity(_BY_ISOTOPE, "1", "fractionation ratio of the reference"),
    "equilibrium_isotope_effect": Quantity(
        _BY_ISOTOPE, "1", "fractionation ratio over that of the reference: above 1, heavy isotopes prefer the structure"
    ),
    "equilibrium_isotope_effect_error": Quantity(_BY_ISOTOPE, "1", "standard error of the equilibrium isotope effect"),
    "effective_share": Quantity(
        _BY_ISOTOPE, "1", "least share of samples that carry the weights (Kish); of BAR its overlap"
    ),
}
