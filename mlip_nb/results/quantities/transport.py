"""Diffusion, conductivity, viscosity."""

from .._quantity import REPLICAS, Quantity

_DIFFUSION = ("replica", "element")

QUANTITIES = {
    "mean_temperature": Quantity(REPLICAS, "K", "temperature of the run"),
    "replica_displacement": Quantity(("replica", "element", "lag"), "Å²", "mean square displacement"),
    "replica_displacement_error": Quantity(
        ("replica", "element", "lag"), "Å²", "standard error of the mean square displacement"
    ),
    "displacement_exponent": Quantity(_DIFFUSION, "1", "power of time with which displacements grow"),
    "diffusion_coefficient": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion, Einstein"),
    "diffusion_coefficient_error": Quantity(_DIFFUSION, "cm²/s", "standard error of the coefficient of diffusion"),
    "green_kubo_diffusion": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion, Green and Kubo"),
    "green_kubo_diffusion_error": Quantity(_DIFFUSION, "cm²/s", "standard error of the coefficient of diffusion"),
    "corrected_diffusion_coefficient": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion in an infinite cell"),
    "conductivity": Quantity(REPLICAS, "S/cm", "ionic conductivity"),
    "conductivity_error": Quantity(REPLICAS, "S/cm", "standard error of the ionic conductivity"),
    "nernst_einstein_conductivity": Quantity(REPLICAS, "S/cm", "ionic conductivity without correlations"),
    "nernst_einstein_conductivity_error": Quantity(REPLICAS, "S/cm", "standard error of that conductivity"),
    "green_kubo_conductivity": Quantity(REPLICAS, "S/cm", "ionic conductivity, Green and Kubo"),
    "green_kubo_conductivity_error": Quantity(REPLICAS, "S/cm", "standard error of that conductivity"),
    "haven_ratio": Quantity(REPLICAS, "1", "conductivity without correlations over that with them"),
    "haven_ratio_error": Quantity(REPLICAS, "1", "standard error of the Haven ratio"),
    "activation_energy": Quantity(("element",), "eV", "activation energy of diffusion"),
    "activation_energy_error": Quantity(("element",), "eV", "standard error of the activation energy"),
    "diffusion_prefactor": Quantity(("element",), "cm²/s", "coefficient of diffusion at infinite temperature"),
    "viscosity_integral": Quantity(("lag",), "mPa·s", "integral of the autocorrelation of stress"),
    "viscosity_integral_error": Quantity(("lag",), "mPa·s", "standard error of the integral"),
    "viscosity": Quantity((), "mPa·s", "shear viscosity"),
    "viscosity_error": Quantity((), "mPa·s", "standard error of the shear viscosity"),
}
