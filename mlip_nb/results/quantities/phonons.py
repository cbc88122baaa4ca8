"""Phonons, and heat by harmonic crystals."""

from .._quantity import Quantity

QUANTITIES = {
    "band_distance": Quantity(("path_point",), "1/Å", "distance along the path", coordinate=True),
    "band_label": Quantity(("path_point",), "1", "name of the point, where it has one", coordinate=True),
    "wave_vector": Quantity(("path_point", "vector"), "1", "wave vector in reciprocal vectors of the primitive cell"),
    "phonon_frequency": Quantity(("path_point", "branch"), "THz", "phonon frequency; negative: imaginary"),
    "group_speed": Quantity(("path_point", "branch"), "km/s", "length of the group velocity"),
    "force_constants": Quantity(
        ("primitive_atom", "supercell_atom", "xyz", "xyz2"),
        "eV/Å²",
        "second derivatives of the energy by displacements",
    ),
    "lowest_frequency": Quantity((), "THz", "lowest phonon frequency; negative: imaginary"),
    "state_frequency": Quantity(("state_point",), "THz", "frequency", coordinate=True),
    "density_of_states": Quantity(("state_point",), "1/THz", "phonon density of states of an atom"),
    "harmonic_temperature": Quantity(("harmonic_temperature",), "K", "temperature", coordinate=True),
    "harmonic_free_energy": Quantity(("harmonic_temperature",), "eV/atom", "vibrational free energy, harmonic"),
    "harmonic_entropy": Quantity(("harmonic_temperature",), "k_B/atom", "vibrational entropy, harmonic"),
    "harmonic_heat_capacity": Quantity(("harmonic_temperature",), "k_B/atom", "heat capacity at constant volume"),
    "gruneisen_parameter": Quantity(("path_point", "branch"), "1", "Grüneisen parameter of a phonon"),
    "mean_gruneisen_parameter": Quantity(
        ("harmonic_temperature",), "1", "Grüneisen parameter, weighed by heat capacities of phonons"
    ),
    "thermal_expansion": Quantity(("harmonic_temperature",), "1/K", "volumetric thermal expansion"),
    "sampled_free_energy": Quantity(
        ("volume_point", "harmonic_temperature"), "eV/atom", "free energy at a volume and a temperature"
    ),
    "sampled_lengths": Quantity(("volume_point", "vector"), "Å", "lengths of lattice vectors"),
    "thermal_lengths": Quantity(("harmonic_temperature", "vector"), "Å", "lengths of lattice vectors"),
    "axial_expansion": Quantity(("harmonic_temperature", "vector"), "1/K", "thermal expansion along a lattice vector"),
    "thermal_volume": Quantity(("harmonic_temperature",), "Å³", "volume of an atom"),
    "thermal_bulk_modulus": Quantity(("harmonic_temperature",), "GPa", "isothermal bulk modulus"),
    "gibbs_energy": Quantity(("harmonic_temperature",), "eV/atom", "Gibbs energy"),
    "pressure_heat_capacity": Quantity(("harmonic_temperature",), "k_B/atom", "heat capacity at constant pressure"),
}
