"""Elastic constants and equations of state."""

from .._quantity import Quantity

QUANTITIES = {
    "elastic_constants": Quantity(("voigt", "voigt2"), "GPa", "elastic constants; under stress, stress by strain"),
    "clamped_elastic_constants": Quantity(("voigt", "voigt2"), "GPa", "the same with atoms carried along by the cell"),
    "elastic_compliance": Quantity(("voigt", "voigt2"), "1/GPa", "inverse of the elastic constants"),
    "born_eigenvalues": Quantity(("voigt",), "GPa", "eigenvalues of the elastic constants; all positive: stable"),
    "average": Quantity(("average",), "1", "how grains share strain or stress", coordinate=True),
    "bulk_modulus": Quantity(("average",), "GPa", "bulk modulus"),
    "shear_modulus": Quantity(("average",), "GPa", "shear modulus"),
    "youngs_modulus": Quantity(("average",), "GPa", "Young's modulus"),
    "poisson_ratio": Quantity(("average",), "1", "Poisson's ratio"),
    "universal_anisotropy": Quantity((), "1", "universal elastic anisotropy; 0: isotropic"),
    "plane": Quantity(("plane",), "1", "plane of two Cartesian axes", coordinate=True),
    "angle": Quantity(("angle",), "°", "angle from the first axis of the plane", coordinate=True),
    "directional_youngs_modulus": Quantity(("plane", "angle"), "GPa", "Young's modulus by direction"),
    "sampled_volume": Quantity(("volume_point",), "Å³", "volume of an atom"),
    "sampled_energy": Quantity(("volume_point",), "eV/atom", "potential energy at a volume"),
    "sampled_pressure": Quantity(("volume_point",), "GPa", "pressure at a volume, by the stress of the potential"),
    "fitted_volume": Quantity(("volume_curve",), "Å³", "volume of an atom, fitted curve"),
    "fitted_energy": Quantity(("volume_curve",), "eV/atom", "potential energy, fitted curve"),
    "equilibrium_energy": Quantity((), "eV/atom", "potential energy at rest"),
    "equilibrium_volume": Quantity((), "Å³", "volume of an atom at rest"),
    "equilibrium_volume_error": Quantity((), "Å³", "standard error of the volume, of the fit"),
    "static_bulk_modulus": Quantity((), "GPa", "bulk modulus at rest"),
    "static_bulk_modulus_error": Quantity((), "GPa", "standard error of the bulk modulus, of the fit"),
    "bulk_modulus_derivative": Quantity((), "1", "derivative of the bulk modulus with pressure"),
    "bulk_modulus_derivative_error": Quantity((), "1", "standard error of the derivative, of the fit"),
}
